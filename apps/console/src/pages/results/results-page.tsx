import { Button, SegmentedControl } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay, IconTable } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { Empty } from '../../components/empty.tsx'
import { LoadingRows } from '../../components/loading-rows.tsx'
import { Panel } from '../../components/panel.tsx'
import { Problem } from '../../components/problem.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { useNow } from '../../components/use-now.ts'
import type { ResultRow } from '../../live/live-state.ts'
import { useJob, useShownVersion } from '../job/use-job.ts'
import { presentResults, rowsKept, type ResultsSearch } from './presenter.ts'
import classes from './results-page.module.css'
import { ResultsTable } from './results-table.tsx'
import { useRows } from './use-rows.ts'

const route = getRouteApi('/signed-in/jobs/$name/results')

export function ResultsPage() {
  const { name } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const now = useNow()
  const job = useJob(name)
  const version = useShownVersion(job)
  const { rows, fetched } = useRows(name)
  const [held, setHeld] = useState<readonly ResultRow[]>()
  const view = presentResults({ rows: held ?? rows, kept: rowsKept(version.data?.graph), search, now })
  const change = (part: Partial<ResultsSearch>): void => {
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  }

  if (fetched.error && rows.length === 0)
    return <Problem error={fetched.error} onRetry={() => void fetched.refetch()} />
  if (fetched.isPending && rows.length === 0)
    return (
      <Panel padded={false}>
        <LoadingRows />
      </Panel>
    )
  if (view.sink === null)
    return (
      <Panel>
        <Empty icon={<IconTable size={20} />} title="No result rows yet">
          <p>
            Rows appear here as soon as a <code className="mono">table</code> sink of the job writes some. Sinks to
            other systems write there and not here.
          </p>
        </Empty>
      </Panel>
    )
  return (
    <Panel
      title={view.sinks.length === 1 ? view.sink : 'Results'}
      note={held ? `${view.note}, held still` : view.note}
      padded={false}
      actions={
        <>
          <SearchField
            label="Filter rows"
            value={search.q ?? ''}
            width={180}
            onChange={(q) => change({ q: q === '' ? undefined : q })}
          />
          <Button
            variant="default"
            leftSection={held ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
            onClick={() => setHeld(held ? undefined : rows)}
          >
            {held ? 'Go on' : 'Hold'}
          </Button>
        </>
      }
    >
      {view.sinks.length > 1 && (
        <div className={classes.sinks}>
          <SegmentedControl
            size="xs"
            aria-label="Sink"
            value={view.sink}
            onChange={(sink) => change({ sink, sort: undefined })}
            data={view.sinks.map((sink) => ({ value: sink.name, label: `${sink.name} (${sink.count})` }))}
          />
        </div>
      )}
      <ResultsTable view={view} sort={search.sort} onSort={(sort) => change({ sort })} />
    </Panel>
  )
}
