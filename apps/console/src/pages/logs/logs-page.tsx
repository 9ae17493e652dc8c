import { Button, SegmentedControl, Switch } from '@mantine/core'
import { IconArrowDown, IconFilterOff, IconTerminal2 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { memo, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Empty } from '../../components/empty.tsx'
import { LoadingRows } from '../../components/loading-rows.tsx'
import { Panel } from '../../components/panel.tsx'
import { Problem } from '../../components/problem.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { useLive } from '../../live/live-provider.tsx'
import { logLinesMax, mergeLogs } from '../../live/live-state.ts'
import { formatExact } from '../../format/numbers.ts'
import { useServices } from '../../services.tsx'
import classes from './logs-page.module.css'
import { presentLogs, type LogLevel, type LogLineView, type LogsSearch, type LogsView } from './presenter.ts'

const route = getRouteApi('/signed-in/jobs/$name/logs')
/** Within this many pixels of the end counts as at the end. */
const nearEndPx = 24

export function LogsPage() {
  const { name } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { queries } = useServices()
  const fetched = useQuery(queries.logs(name))
  const live = useLive((state) => state.logs)
  const lines = useMemo(() => mergeLogs(fetched.data?.items ?? [], live), [fetched.data, live])
  const view = useMemo(() => presentLogs(lines, search), [lines, search])
  const [follow, setFollow] = useState(true)
  const change = (part: Partial<LogsSearch>): void => {
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  }

  if (fetched.error && view.empty) return <Problem error={fetched.error} onRetry={() => void fetched.refetch()} />
  return (
    <Panel
      padded={false}
      title="Logs"
      note={lines.length >= logLinesMax ? `the newest ${formatExact(logLinesMax)} lines` : undefined}
      actions={
        <Switch
          size="xs"
          label="Follow"
          checked={follow}
          onChange={(event) => setFollow(event.currentTarget.checked)}
        />
      }
    >
      <div className={classes.filter}>
        <SegmentedControl
          size="xs"
          aria-label="Least level"
          value={search.level ?? 'info'}
          onChange={(level) => change({ level: level === 'info' ? undefined : (level as LogLevel) })}
          data={[
            { value: 'info', label: `All ${view.counts.info}` },
            { value: 'warn', label: `Warnings ${view.counts.warn}` },
            { value: 'error', label: `Errors ${view.counts.error}` },
          ]}
        />
        <SearchField
          label="Filter lines"
          value={search.q ?? ''}
          onChange={(q) => change({ q: q === '' ? undefined : q })}
        />
      </div>
      {fetched.isPending && view.empty ? (
        <LoadingRows rowHeight={24} rows={10} />
      ) : view.lines.length === 0 ? (
        <Empty
          icon={view.empty ? <IconTerminal2 size={20} /> : <IconFilterOff size={20} />}
          title={view.empty ? 'No log line yet' : 'No line matches'}
        >
          <p>
            {view.empty ? 'What the job’s attempts have to say appears here.' : 'Another level or another text may.'}
          </p>
        </Empty>
      ) : (
        <Lines view={view} follow={follow} onFollow={setFollow} />
      )}
    </Panel>
  )
}

interface LinesProps {
  readonly view: LogsView
  readonly follow: boolean
  readonly onFollow: (follow: boolean) => void
}

/** Stays at the newest line while it follows; who scrolls up stops it from following. */
function Lines({ view, follow, onFollow }: LinesProps) {
  const box = useRef<HTMLDivElement>(null)
  const lastTop = useRef(0)
  useLayoutEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [follow, view.lines])
  const onScroll = (): void => {
    if (!box.current) return
    const { scrollHeight, scrollTop, clientHeight } = box.current
    // Lines that come move the end away without anybody scrolling: only a move upwards is a person's.
    if (scrollHeight - scrollTop - clientHeight < nearEndPx) onFollow(true)
    else if (scrollTop < lastTop.current) onFollow(false)
    lastTop.current = scrollTop
  }
  return (
    <div className={classes.frame}>
      <div ref={box} className={classes.lines} onScroll={onScroll} role="log" aria-label="Log lines" tabIndex={0}>
        {view.lines.map((line) => (
          <Line key={line.id} line={line} />
        ))}
      </div>
      {!follow && (
        <Button className={classes.jump} leftSection={<IconArrowDown size={14} />} onClick={() => onFollow(true)}>
          Newest
        </Button>
      )}
    </div>
  )
}

/** A line that stands is not painted again when others come. */
const Line = memo(
  function Line({ line }: { readonly line: LogLineView }) {
    return (
      <div className={classes.line} data-level={line.level}>
        {line.newAttempt !== null && <div className={classes.attempt}>attempt {line.newAttempt}</div>}
        <time title={line.timeTitle}>{line.time}</time>
        <span className={classes.level}>{line.level}</span>
        <span className={classes.operator}>{line.operator}</span>
        <span className={classes.message}>{line.message}</span>
      </div>
    )
  },
  (before, after) => before.line.id === after.line.id && before.line.newAttempt === after.line.newAttempt,
)
