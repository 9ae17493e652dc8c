import { CloseButton } from '@mantine/core'
import { Facts } from '../../components/facts.tsx'
import type { Graph } from '../../components/graph/presenter.ts'
import { Panel } from '../../components/panel.tsx'
import type { MetricsSample } from '../../live/live-state.ts'
import { presentOperatorDetail } from './overview-presenter.ts'

interface OperatorPanelProps {
  readonly graph: Graph
  readonly operator: string
  readonly sample: MetricsSample | undefined
  readonly onClose: () => void
}

/** All that is known of the operator that was picked in the graph. */
export function OperatorPanel({ graph, operator, sample, onClose }: OperatorPanelProps) {
  const detail = presentOperatorDetail(graph, operator, sample)
  if (!detail) return null
  const lines = (pairs: readonly (readonly [string, string])[]) => pairs.map(([label, value]) => ({ label, value }))
  return (
    <Panel title={operator} actions={<CloseButton size="sm" aria-label="Close the operator" onClick={onClose} />}>
      <Facts facts={lines(detail.facts)} />
      <hr style={{ border: 0, borderTop: '1px solid var(--lf-line)', margin: 0 }} />
      <Facts facts={lines(detail.options)} />
    </Panel>
  )
}
