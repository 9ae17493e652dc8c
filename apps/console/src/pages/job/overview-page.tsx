import { SegmentedControl } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { LazyChart } from '../../components/chart/lazy-chart.tsx'
import { Figures } from '../../components/facts.tsx'
import { LazyGraph } from '../../components/graph/lazy-graph.tsx'
import { LoadingRows } from '../../components/loading-rows.tsx'
import { Panel } from '../../components/panel.tsx'
import { Problem } from '../../components/problem.tsx'
import { useNow } from '../../components/use-now.ts'
import { useLive } from '../../live/live-provider.tsx'
import { useServices } from '../../services.tsx'
import { FailurePanel } from './failure-panel.tsx'
import { OperatorPanel } from './operator-panel.tsx'
import classes from './overview-page.module.css'
import { presentOverview } from './overview-presenter.ts'
import { useJob } from './use-job.ts'

const route = getRouteApi('/signed-in/jobs/$name/')
const spans = { '2 min': 120_000, '5 min': 300_000, '15 min': 900_000 } as const
type Span = keyof typeof spans

export function OverviewPage() {
  const { name } = route.useParams()
  const { operator } = route.useSearch()
  const navigate = route.useNavigate()
  const { queries } = useServices()
  const [span, setSpan] = useState<Span>('5 min')
  const now = useNow()
  const job = useJob(name)
  const samples = useLive((state) => state.samples)
  const shownVersion = job.deployment?.spec.version ?? job.latestVersion
  const version = useQuery({ ...queries.version(name, shownVersion ?? 0), enabled: shownVersion !== null })
  const graph = version.data?.graph
  const view = presentOverview({ job, graph, samples, now })
  const sample = job.deployment?.status.state === 'RUNNING' ? samples.at(-1) : undefined
  const select = (picked: string | undefined): void => void navigate({ search: { operator: picked }, replace: true })
  useHotkeys([['Escape', () => select(undefined)]])

  return (
    <>
      <FailurePanel job={job} program={version.data?.program} />
      <Figures figures={view.figures} />
      <div className={classes.columns} data-detail={operator !== undefined || undefined}>
        <div className={classes.column}>
          <Panel
            title="Graph"
            note={graph && `${graph.operators.length} operators, version ${shownVersion}; at least once`}
            padded={false}
          >
            {version.error && <Problem error={version.error} onRetry={() => void version.refetch()} />}
            {graph ? (
              <LazyGraph graph={graph} sample={sample} selected={operator} onSelect={select} />
            ) : (
              <LoadingRows rows={5} />
            )}
          </Panel>
          <Panel
            title="Throughput"
            note="records per second, since this page was opened"
            actions={
              <SegmentedControl
                size="xs"
                aria-label="Span of the chart"
                value={span}
                onChange={(value) => setSpan(value as Span)}
                data={Object.keys(spans)}
              />
            }
          >
            {view.throughput.at.length === 0 ? (
              <p className={classes.waiting}>
                {sample || job.rates
                  ? 'Waiting for the first measurement…'
                  : 'Nothing is measured while the job does not run.'}
              </p>
            ) : (
              <LazyChart at={view.throughput.at} series={view.throughput.series} height={200} spanMs={spans[span]} />
            )}
          </Panel>
        </div>
        {graph && operator !== undefined && (
          <OperatorPanel graph={graph} operator={operator} sample={sample} onClose={() => select(undefined)} />
        )}
      </div>
    </>
  )
}
