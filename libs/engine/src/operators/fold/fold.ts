import { LightflusError, type Aggregate, type OnError } from '@lightflus/api'
import { isThenable } from '../record-failures.ts'

/**
 * What has been folded of one key's records: for a reduce the value so far, for aggregates their accumulators in
 * order. It changes in place, so that a table of cells is written to once per key and not once per record.
 */
export type Cell = unknown[]

/** A rule that folds records into cells: the data side of reduce, aggregate and window. */
export interface Fold {
  /** What it folds, in words that a checkpoint keeps: state is only restored into an equal one. */
  readonly shape: string
  /** A cell without records: only `add` may follow. */
  create(): Cell
  /** Leaves the cell as it was when a function of the program throws and the record is to be skipped. */
  add(cell: Cell, value: unknown): void
  /** Adds the fields of the cell's result to an object that already has `key` and the like. */
  addResult(cell: Cell, result: Record<string, unknown>): void
}

/** A cell holds the value so far; the first record is taken as it is. */
export function reduceFold(fn: (a: unknown, b: unknown) => unknown): Fold {
  return {
    shape: 'reduce',
    create: () => [],
    add(cell, value) {
      if (cell.length === 0) {
        cell[0] = value
        return
      }
      const next = fn(cell[0], value)
      if (isThenable(next)) {
        next.then(undefined, () => {})
        throw new LightflusError('LF_USER_RESULT', 'the function returned a promise, and no record waits for one.')
      }
      cell[0] = next
    },
    addResult(cell, result) {
      result.value = cell[0]
    },
  }
}

/** A cell holds one accumulator for each of the names, which are in the graph's order. */
export function aggregatesFold(
  names: readonly string[],
  aggregates: Readonly<Record<string, Aggregate>>,
  onError: OnError,
): Fold {
  const inOrder = names.map((name) => aggregates[name])
  return {
    shape: `aggregate ${names.join(', ')}`,
    create: () => inOrder.map((aggregate) => aggregate.create()),
    add: onError === 'skip' && inOrder.length > 1 ? addWhole : addInPlace,
    addResult(cell, result) {
      for (let i = 0; i < inOrder.length; i++) result[names[i]] = inOrder[i].result(cell[i])
    },
  }

  function addInPlace(cell: Cell, value: unknown): void {
    for (let i = 0; i < inOrder.length; i++) cell[i] = inOrder[i].add(cell[i], value)
  }

  // When the second aggregate throws, the first must not have counted the record that is skipped: so it works on a copy.
  function addWhole(cell: Cell, value: unknown): void {
    const next = cell.map((accumulator) =>
      typeof accumulator === 'object' && accumulator !== null ? structuredClone(accumulator) : accumulator,
    )
    addInPlace(next, value)
    for (let i = 0; i < next.length; i++) cell[i] = next[i]
  }
}
