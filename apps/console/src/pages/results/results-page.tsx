import { Button, SegmentedControl } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconPlayerPause, IconPlayerPlay, IconTable } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { Empty } from '../../components/empty.tsx'
import { LoadingRows } from '../../components/loading-rows.tsx'
import { Panel } from '../../components/panel.tsx'
import { Problem } from '../../components/problem.tsx'
import { SearchField } from '../../components/search-field.tsx'
import table from '../../components/table.module.css'
import { useNow } from '../../components/use-now.ts'
import { useLive } from '../../live/live-provider.tsx'
import { mergeRows, type ResultRow } from '../../live/live-state.ts'
import { useServices } from '../../services.tsx'
import { useJob } from '../job/use-job.ts'
import { presentResults, rowsKept, type ResultsSearch, type ResultsView } from './presenter.ts'
import classes from './results-page.module.css'

const route = getRouteApi('/signed-in/jobs/$name/results')

export function ResultsPage() {
  const { name } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { queries } = useServices()
  const now = useNow()
  const job = useJob(name)
  const shown = job.deployment?.spec.version ?? job.latestVersion
  const version = useQuery({ ...queries.version(name, shown ?? 0), enabled: shown !== null })
  const fetched = useQuery(queries.rows(name))
  const live = useLive((state) => state.rows)
  const rows = useMemo(() => mergeRows(fetched.data?.items ?? [], live), [fetched.data, live])
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

interface ResultsTableProps {
  readonly view: ResultsView
  readonly sort: string | undefined
  readonly onSort: (sort: string | undefined) => void
}

function ResultsTable({ view, sort, onSort }: ResultsTableProps) {
  // First rising, then falling, then newest first again.
  const next = (name: string): string | undefined =>
    sort === name ? `-${name}` : sort === `-${name}` ? undefined : name
  return (
    <div className={table.scroll}>
      <table className={`${table.table} ${classes.table}`}>
        <thead>
          <tr>
            {view.columns.map(({ name, numeric }) => (
              <th
                key={name}
                className={numeric ? table.number : undefined}
                aria-sort={sort === name ? 'ascending' : sort === `-${name}` ? 'descending' : undefined}
              >
                <button
                  type="button"
                  className={`${table.sort} ${classes.heading}`}
                  data-active={sort?.endsWith(name) || undefined}
                  onClick={() => onSort(next(name))}
                >
                  {name}
                  {sort === name && <IconArrowUp size={12} aria-hidden="true" />}
                  {sort === `-${name}` && <IconArrowDown size={12} aria-hidden="true" />}
                </button>
              </th>
            ))}
            <th className={table.number}>Written</th>
          </tr>
        </thead>
        <tbody>
          {view.lines.map((line) => (
            <tr key={line.id} data-lit={line.lit || undefined}>
              {line.cells.map((cell, index) => (
                <td
                  key={view.columns[index].name}
                  className={view.columns[index].numeric ? table.number : undefined}
                  title={cell.title}
                >
                  {cell.text}
                </td>
              ))}
              <td className={`${table.number} ${table.quiet}`}>{line.age}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
