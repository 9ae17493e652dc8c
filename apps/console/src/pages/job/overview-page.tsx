import { SegmentedControl } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
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
import { FailurePanel } from './failure-panel.tsx'
import { NewestResults } from './newest-results.tsx'
import { OperatorPanel } from './operator-panel.tsx'
import classes from './overview-page.module.css'
import { presentOverview } from './overview-presenter.ts'
import { useJob, useShownVersion } from './use-job.ts'

const route = getRouteApi('/signed-in/jobs/$name/')
const spans = { '2 min': 120_000, '5 min': 300_000, '15 min': 900_000 } as const
type Span = keyof typeof spans

export function OverviewPage() {
  const { name } = route.useParams()
  const { operator } = route.useSearch()
  const navigate = route.useNavigate()
  const [span, setSpan] = useState<Span>('5 min')
  const now = useNow()
  const job = useJob(name)
  const samples = useLive((state) => state.samples)
  const version = useShownVersion(job)
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
            note={version.data && `${version.data.graph.operators.length} operators, version ${version.data.version}`}
            padded={false}
          >
            {version.error && <Problem error={version.error} onRetry={() => void version.refetch()} />}
            {graph ? (
              <LazyGraph graph={graph} sample={sample} selected={operator} onSelect={select} />
            ) : (
              <LoadingRows rows={5} />
            )}
          </Panel>
          <div className={classes.lower}>
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
            {graph && <NewestResults job={job} graph={graph} now={now} />}
          </div>
        </div>
        {graph && operator !== undefined && (
          <OperatorPanel graph={graph} operator={operator} sample={sample} onClose={() => select(undefined)} />
        )}
      </div>
    </>
  )
}
