import { formatExact } from '../../format/numbers.ts'
import { formatAgo, formatClock, formatDateTime } from '../../format/times.ts'
import type { Graph } from '../../components/graph/presenter.ts'
import type { ResultRow } from '../../live/live-state.ts'

/** The filter of the result rows, as it stands in the URL. `sort`: a column; a leading hyphen turns it round. */
export interface ResultsSearch {
  readonly sink?: string
  readonly q?: string
  readonly sort?: string
}

export interface ResultCell {
  readonly text: string
  readonly title?: string
}

export interface ResultLine {
  readonly id: string
  /** It has just come or changed, and stands out by it. */
  readonly lit: boolean
  readonly age: string
  readonly cells: readonly ResultCell[]
}

export interface ResultsView {
  readonly sinks: readonly { readonly name: string; readonly count: number }[]
  readonly sink: string | null
  readonly columns: readonly { readonly name: string; readonly numeric: boolean }[]
  readonly lines: readonly ResultLine[]
  readonly note: string
}

/** Rows that are put into the page at most. */
export const shownRowsMax = 300
/** How long a row that has come or changed is lit. */
const litMs = 1_600
/** Columns that are found at most; a row may hold any JSON. */
const columnsMax = 24

/** The newest rows that each table sink of a graph keeps, as its program says. */
export function rowsKept(graph: Graph | undefined): ReadonlyMap<string, number> {
  return new Map(
    (graph?.operators ?? []).flatMap(({ id, options }) => {
      const { rowsMax } = (options.connector ?? {}) as { readonly rowsMax?: unknown }
      return typeof rowsMax === 'number' ? [[id, rowsMax] as const] : []
    }),
  )
}

export interface ResultsInput {
  /** Newest first. */
  readonly rows: readonly ResultRow[]
  readonly kept: ReadonlyMap<string, number>
  readonly search: ResultsSearch
  readonly now: number
}

export function presentResults({ rows: all, kept, search, now }: ResultsInput): ResultsView {
  const rows = newestOf(all, kept)
  const counts = new Map<string, number>()
  for (const { sink } of rows) counts.set(sink, (counts.get(sink) ?? 0) + 1)
  const sinks = [...counts].map(([name, count]) => ({ name, count })).toSorted((a, b) => a.name.localeCompare(b.name))
  const sink = sinks.find(({ name }) => name === search.sink)?.name ?? sinks[0]?.name ?? null
  const flat = rows.filter((row) => row.sink === sink).map((row) => ({ row, values: flatten(row.row) }))
  const names = [...new Set(flat.flatMap(({ values }) => [...values.keys()]))].slice(0, columnsMax)
  const wanted = (search.q ?? '').trim().toLowerCase()
  const found = flat.filter(
    ({ values }) => wanted === '' || [...values.values()].some((value) => textOf(value).toLowerCase().includes(wanted)),
  )
  const sorted = sort(found, search.sort)
  const isLit = (row: ResultRow): boolean => now - row.at < litMs
  // Where most rows change, none stands out by being lit.
  const fewLit = flat.filter(({ row }) => isLit(row)).length <= flat.length / 3
  const formats = new Map(
    names.map((name) => [
      name,
      formatOf(
        name,
        flat.map(({ values }) => values.get(name)),
      ),
    ]),
  )
  return {
    sinks,
    sink,
    columns: names.map((name) => ({ name, numeric: typeof formats.get(name) === 'number' })),
    lines: sorted.slice(0, shownRowsMax).map(({ row, values }) => ({
      id: row.key === null ? row.id : `${row.sink} ${row.key}`,
      lit: fewLit && isLit(row),
      age: formatAgo(row.at, now),
      cells: names.map((name) => cellOf(values.get(name), formats.get(name))),
    })),
    note: noteOf(found.length, flat.length),
  }
}

function noteOf(found: number, all: number): string {
  if (found > shownRowsMax) return `the first ${shownRowsMax} of ${formatExact(found)} rows`
  return found === all
    ? `${formatExact(all)} ${all === 1 ? 'row' : 'rows'}`
    : `${formatExact(found)} of ${formatExact(all)} rows`
}

function newestOf(rows: readonly ResultRow[], kept: ReadonlyMap<string, number>): readonly ResultRow[] {
  const counts = new Map<string, number>()
  return rows.filter(({ sink }) => {
    const count = (counts.get(sink) ?? 0) + 1
    counts.set(sink, count)
    return count <= (kept.get(sink) ?? Number.POSITIVE_INFINITY)
  })
}

interface FlatRow {
  readonly row: ResultRow
  readonly values: ReadonlyMap<string, unknown>
}

/** One level of objects becomes columns: `window: { start }` → `window.start`. */
function flatten(row: ResultRow['row']): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(row).flatMap(([name, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value as object).map(
            ([inner, innerValue]) => [`${name}.${inner}`, innerValue as unknown] as const,
          )
        : [[name, value as unknown] as const],
    ),
  )
}

/** Newest first unless a column is asked for; rows that are equal there stay newest first. */
function sort(rows: readonly FlatRow[], by: string | undefined): readonly FlatRow[] {
  if (by === undefined) return rows
  const down = by.startsWith('-')
  const name = down ? by.slice(1) : by
  return rows.toSorted((a, b) => (down ? -1 : 1) * compare(a.values.get(name), b.values.get(name)))
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return textOf(a).localeCompare(textOf(b), 'en', { numeric: true })
}

/** How a column is written: times of day, numbers with so many decimals, or text. */
type ColumnFormat = 'time' | 'text' | number

/** Decimals shown at most; more are in the cell's title. */
const decimalsMax = 4

function formatOf(name: string, values: readonly unknown[]): ColumnFormat {
  const given = values.filter((value) => value !== undefined && value !== null)
  if (given.length === 0 || !given.every((value) => typeof value === 'number')) return 'text'
  if (given.every((value) => isTime(name, value))) return 'time'
  return Math.max(...given.map((value) => Math.min(decimalsMax, String(value).split('.')[1]?.length ?? 0)))
}

/** A number that is a time by its column's name and by its size: between the years 2001 and 2100. */
function isTime(name: string, value: unknown): boolean {
  if (!/(^|[._\s])(start|end|at|time|timestamp)$/i.test(name) && !/(At|Time)$/.test(name)) return false
  return typeof value === 'number' && value > 978_307_200_000 && value < 4_102_444_800_000
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function cellOf(value: unknown, format: ColumnFormat | undefined): ResultCell {
  if (typeof value === 'number') {
    if (format === 'time') return { text: formatClock(value).slice(0, 8), title: `${formatDateTime(value)}, ${value}` }
    return { text: typeof format === 'number' ? formatDecimal(value, format) : String(value), title: String(value) }
  }
  const text = value === null ? 'null' : textOf(value)
  return text.length > 120 ? { text: `${text.slice(0, 119)}…`, title: text } : { text }
}

/** A number with a fixed number of decimals, so that a column's points stand under one another. */
function formatDecimal(value: number, decimals: number): string {
  if (Math.abs(value) >= 1e15 || !Number.isFinite(value)) return String(value)
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split('.')
  const sign = value < 0 ? '\u2212' : ''
  return `${sign}${formatExact(Number(whole))}${fraction === undefined ? '' : `.${fraction}`}`
}
