import type { Key } from '@lightflus/api'
import type { OutputRecord } from '../harness/collecting-sink.ts'
import { isChangelog, isSession, type Item, type ModelTrigger, type Program } from './program.ts'

/** A window's result, as the model's programs ask for it. */
interface Result {
  readonly key?: Key
  readonly window?: { readonly start: number; readonly end: number }
  readonly n: number
  readonly total: number
  readonly least: number
  readonly most: number
  readonly ids?: readonly number[]
}

/** The one text of a row, without what may differ from run to run: the pane, and the order in which records came. */
export function canonicalRow(row: unknown): string {
  const { pane: _pane, items, ...fields } = row as { readonly pane?: unknown; readonly items?: readonly Item[] }
  const ids = items && [...items].map(({ id }) => id).sort((a, b) => a - b)
  return textOf({ ...fields, ...(ids && { ids }) })
}

/** Fields in the order of the alphabet. */
export function textOf(row: object): string {
  return JSON.stringify(row, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

/** How results of one window or key relate. */
export type Combining = 'rows' | 'last' | 'sum' | 'changelog'

export function combiningOf(program: Program, bounded: boolean): Combining {
  const { terminal } = program
  if (isChangelog(program)) return 'changelog'
  // Whatever the trigger: in a bounded job each window comes once.
  if (terminal.op === 'window' && !bounded)
    return terminal.panes === 'discarding' || isPurging(terminal.trigger) ? 'sum' : 'last'
  return terminal.op === 'aggregate' || terminal.op === 'reduce' ? 'last' : 'rows'
}

const isPurging = (trigger: ModelTrigger | null): boolean =>
  trigger !== null && (trigger.kind === 'purging' || ('of' in trigger && [trigger.of].flat().some(isPurging)))

/**
 * What a reader of the results holds in the end, each row as text, sorted.
 * @throws Error where a changelog takes back what is not there.
 */
export function finalRows(program: Program, bounded: boolean, records: readonly OutputRecord[]): string[] {
  const combining = combiningOf(program, bounded)
  if (combining === 'changelog') return folded(records)
  const rows = records.map(({ value }) => canonicalRow(value))
  if (combining === 'rows') return settled(program, rows)
  const byIdentity = new Map<string, string>()
  for (const text of rows) {
    const row = JSON.parse(text) as Result
    const identity = textOf({ key: row.key, window: row.window })
    const before = byIdentity.get(identity)
    byIdentity.set(identity, combining === 'sum' && before ? joined(JSON.parse(before) as Result, row) : text)
  }
  return settled(program, [...byIdentity.values()])
}

function folded(records: readonly OutputRecord[]): string[] {
  const held = new Map<string, number>()
  for (const { value, change } of records) {
    const row = canonicalRow(value)
    const times = held.get(row) ?? 0
    const isIn = change === 'insert' || change === 'updateAfter'
    if (!isIn && times === 0) throw new Error(`The changelog takes back a row that is not there: ${row}`)
    held.set(row, times + (isIn ? 1 : -1))
  }
  return [...held].flatMap(([row, times]) => new Array<string>(times).fill(row)).sort()
}

function joined(a: Result, b: Result): string {
  return textOf({
    ...b,
    n: a.n + b.n,
    total: a.total + b.total,
    least: Math.min(a.least, b.least),
    most: Math.max(a.most, b.most),
    ...(a.ids && b.ids && { ids: [...a.ids, ...b.ids].sort((one, other) => one - other) }),
  })
}

/**
 * Sessions that merge leave the results of their parts behind, which nothing takes back. So of accumulating panes only
 * the windows that lie in no other are compared, and of discarding ones what a key's windows hold together.
 */
export function settled(program: Program, rows: readonly string[]): string[] {
  const { terminal } = program
  const merges = terminal.op === 'window' && isSession(terminal.window)
  if (!merges) return [...rows].sort()
  const results = rows.map((row) => JSON.parse(row) as Result)
  if (combiningOf(program, false) === 'sum') {
    const byKey = Map.groupBy(results, ({ key }) => key ?? '')
    return [...byKey.values()].map((all) => joinedAll(all.map(({ window: _window, ...result }) => result))).sort()
  }
  const isInAnother = ({ key, window }: Result) =>
    results.some(
      (other) =>
        other.key === key &&
        other.window!.start <= window!.start &&
        other.window!.end >= window!.end &&
        other.window!.end - other.window!.start > window!.end - window!.start,
    )
  return results
    .filter((result) => !isInAnother(result))
    .map(textOf)
    .sort()
}

function joinedAll([first, ...others]: readonly Result[]): string {
  return others.reduce((text, other) => joined(JSON.parse(text) as Result, other), textOf(first))
}
