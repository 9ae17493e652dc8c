import type { LightflusError } from '@lightflus/api'
import type { Job, LiveEvent } from '@lightflus/contracts'

export type MetricsSample = Extract<LiveEvent, { type: 'metrics' }>
export type LogLine = Extract<LiveEvent, { type: 'logs' }>['lines'][number]
export type LiveRow = Extract<LiveEvent, { type: 'rows' }>['rows'][number]
/** A row that is there. */
export type ResultRow = LiveRow & { readonly row: NonNullable<LiveRow['row']> }
export type JobEventRecord = Extract<LiveEvent, { type: 'event' }>['event']

/** How the line to the platform stands. */
export type LiveLink =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'open' }
  /** Lost; the next try is at `retryAt`. */
  | { readonly phase: 'waiting'; readonly failures: number; readonly retryAt: number }
  /** Trying again cannot help. */
  | { readonly phase: 'refused'; readonly error: LightflusError }

export interface LiveState {
  readonly link: LiveLink
  /** Newest status sent; null before the first. */
  readonly job: Job | null
  /** The newest {@link samplesMax} measurements of the current attempt and those before it, oldest first. */
  readonly samples: readonly MetricsSample[]
  /** Oldest first. */
  readonly logs: readonly LogLine[]
  /** Newest first; a keyed row stands for all of its key. */
  /** Also of keys whose row is gone. */
  readonly rows: readonly LiveRow[]
  /** Newest first. */
  readonly events: readonly JobEventRecord[]
  /** How often the line has been opened: what was fetched before it may have a gap. */
  readonly connections: number
}

/** A quarter of an hour at one measurement a second. */
export const samplesMax = 900
export const logLinesMax = 2_000
/** Of each sink, as many as a table may keep: a busy one must not push out the rows of a quiet one. */
export const rowsPerSinkMax = 1_000
const eventsMax = 500

export const initialLiveState: LiveState = {
  link: { phase: 'connecting' },
  job: null,
  samples: [],
  logs: [],
  rows: [],
  events: [],
  connections: 0,
}

/** The state after one event. Repeated lines, rows and events change nothing, so a reconnect may send them again. */
export function applyLiveEvent(state: LiveState, event: LiveEvent): LiveState {
  switch (event.type) {
    case 'metrics':
      return { ...state, samples: appendSample(state.samples, event) }
    case 'status':
      return { ...state, job: event.job }
    case 'logs':
      return { ...state, logs: mergeLogs(state.logs, event.lines) }
    case 'rows':
      return { ...state, rows: mergeRows(state.rows, event.rows) }
    case 'event':
      return { ...state, events: mergeEvents(state.events, [event.event]) }
  }
}

function appendSample(samples: readonly MetricsSample[], sample: MetricsSample): readonly MetricsSample[] {
  if ((samples.at(-1)?.at ?? 0) >= sample.at) return samples
  return [...samples.slice(Math.max(0, samples.length + 1 - samplesMax)), sample]
}

/** Log lines of both, each once, oldest first, the newest {@link logLinesMax}. */
export function mergeLogs(known: readonly LogLine[], more: readonly LogLine[]): readonly LogLine[] {
  return unite(known, more, (line) => line.id)
    .sort((a, b) => a.at - b.at || a.attempt - b.attempt || a.sequence - b.sequence)
    .slice(-logLinesMax)
}

/**
 * Rows of both, newest first; of a key only the newest, of a sink the newest {@link rowsPerSinkMax}. That a row is gone is
 * kept as its newest state, so that no older one comes back.
 */
export function mergeRows(known: readonly LiveRow[], more: readonly LiveRow[]): readonly LiveRow[] {
  const newest = new Map<string, LiveRow>()
  for (const row of [...known, ...more]) {
    const identity = row.key === null ? row.id : `${row.sink}\u0000${row.key}`
    const before = newest.get(identity)
    if (!before || before.at < row.at || (before.at === row.at && before.sequence <= row.sequence))
      newest.set(identity, row)
  }
  const counts = new Map<string, number>()
  return [...newest.values()]
    .sort((a, b) => b.at - a.at || b.sequence - a.sequence)
    .filter(({ sink }) => {
      const count = (counts.get(sink) ?? 0) + 1
      counts.set(sink, count)
      return count <= rowsPerSinkMax
    })
}

export const isThere = (row: LiveRow): row is ResultRow => row.row !== null

export function mergeEvents(
  known: readonly JobEventRecord[],
  more: readonly JobEventRecord[],
): readonly JobEventRecord[] {
  return unite(known, more, (event) => event.id)
    .sort((a, b) => (a.at === b.at ? compareIds(b.id, a.id) : a.at < b.at ? 1 : -1))
    .slice(0, eventsMax)
}

const compareIds = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })

function unite<T>(known: readonly T[], more: readonly T[], identity: (item: T) => string): T[] {
  return [...new Map([...known, ...more].map((item) => [identity(item), item])).values()]
}
