import type { Key } from '@lightflus/api'
import type { FoldPart } from '../operators/fold/fold.ts'
import type { FoldedState } from '../operators/fold/restored-fold.ts'
import type { OperatorSnapshot } from './snapshot.ts'

/** What an operator keeps of one key, of one of its states and one window, by names that people know. */
export interface StateEntry {
  readonly key: Key
  readonly [field: string]: unknown
}

type Columns = { readonly keys: readonly Key[] } & Readonly<Record<string, unknown>>

/**
 * The state in a key group of a checkpoint, entry by entry, for people to look at: nothing is restored from it.
 * @param snapshot of the operator that left it
 */
export function* stateEntries({ subtask }: OperatorSnapshot, keyGroup: unknown): Generator<StateEntry, void> {
  if (isObject(keyGroup) && ('states' in keyGroup || 'eventTimers' in keyGroup || 'processingTimers' in keyGroup))
    return yield* functionEntries(keyGroup)
  const describe = describer(subtask)
  for (const entry of columnEntries(keyGroup)) yield describe(entry)
}

/** Of process and connect: states by name, and timers. */
function* functionEntries(group: Readonly<Record<string, unknown>>): Generator<StateEntry, void> {
  for (const [state, columns] of Object.entries((group['states'] ?? {}) as Readonly<Record<string, Columns>>))
    for (const { key, ...entry } of valueEntries(columns)) yield { key, state, ...entry }
  for (const [timer, columns] of [
    ['eventTime', group['eventTimers']],
    ['processingTime', group['processingTimers']],
  ])
    for (const { key, times } of columnEntries(columns)) yield { key, timer, time: times }
}

/** Of a state: a value of each key, or so many as its list has values or its map has entries. */
function* valueEntries({ keys, ...columns }: Columns): Generator<StateEntry, void> {
  const counts = (columns['lengths'] ?? columns['sizes']) as readonly number[] | undefined
  const values = columns['values'] as readonly unknown[]
  const entryKeys = columns['entryKeys'] as readonly unknown[] | undefined
  const expiresAt = columns['expiresAt'] as readonly number[] | null
  let at = 0
  for (let i = 0; i < keys.length; i++) {
    for (const end = at + (counts?.[i] ?? 1); at < end; at++)
      yield {
        key: keys[i],
        ...(entryKeys && { entry: entryKeys[at] }),
        value: values[at],
        ...(expiresAt && { expiresAt: expiresAt[at] }),
      }
  }
}

/** Of columns of one length; where several stand side by side (the sides of a join), with the name or number of theirs. */
function* columnEntries(group: unknown, side?: string | number): Generator<StateEntry, void> {
  if (!isObject(group)) return
  if (!Object.hasOwn(group, 'keys')) {
    const sides = Array.isArray(group) ? [...group.entries()] : Object.entries(group)
    for (const [name, part] of sides) yield* columnEntries(part, name)
    return
  }
  const { keys, ...others } = group as Columns
  const columns = Object.entries(others).filter(
    (entry): entry is [string, readonly unknown[]] => Array.isArray(entry[1]) && entry[1].length === keys.length,
  )
  for (let i = 0; i < keys.length; i++)
    yield {
      key: keys[i],
      ...(side !== undefined && { side }),
      ...Object.fromEntries(columns.map(([name, column]) => [name, column[i]])),
    }
}

/** Names what cells hold, and the windows that they are of. */
function describer(subtask: unknown): (entry: StateEntry) => StateEntry {
  const { fold, sizeMs, slideMs } = (subtask ?? {}) as Partial<FoldedState> & { sizeMs?: number; slideMs?: number }
  if (fold === undefined) return (entry) => entry
  return ({ key, cells, starts, ends, counted, ...others }) => {
    if (isObject(counted)) {
      const open = counted['cells'] as readonly unknown[][]
      return { key, records: counted['seen'], windows: open.map((cell) => accumulators(fold, cell)) }
    }
    const start = starts as number | undefined
    const end = ends ?? (sizeMs !== undefined && sizeMs === slideMs ? start! + sizeMs : undefined)
    return {
      key,
      ...(start !== undefined && (end === undefined ? { slice: { start } } : { window: { start, end } })),
      ...accumulators(fold, (cells ?? []) as readonly unknown[]),
      ...others,
    }
  }
}

/** A reduce has one value, without a name. */
function accumulators(fold: readonly FoldPart[], cell: readonly unknown[]): Record<string, unknown> {
  if (fold[0]?.name === '') return { value: cell[0] }
  return { accumulators: Object.fromEntries(fold.map(({ name }, i) => [name, cell[i]])) }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
