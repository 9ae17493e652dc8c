import {
  isLightflusError,
  LightflusError,
  type Aggregate,
  type Migrations,
  type OnError,
  type VersionOptions,
} from '@lightflus/api'
import { isThenable } from '../record-failures.ts'
import { weigh } from '../state-weight/weigh.ts'

/**
 * What has been folded of one key's records: for a reduce the value so far, for aggregates their accumulators in
 * order. It changes in place, so that a table of cells is written to once per key and not once per record.
 */
export type Cell = unknown[]

/** About what a cell takes: each of its accumulators, since one of them may hold more than all others. */
export function weighCell(cell: Cell | undefined): number {
  if (cell === undefined) return 0
  let bytes = 48 + 8 * cell.length
  for (let i = 0; i < cell.length; i++) bytes += weigh(cell[i])
  return bytes
}

/** What a cell holds at one place. */
export interface FoldPart {
  readonly name: string
  /** Of what this library folds. */
  readonly form?: string
  /** Absent: 1. */
  readonly version?: number
}

/** A rule that folds records into cells: the data side of reduce, aggregate and window. */
export interface Fold {
  /** What it folds, in words that a checkpoint keeps: state is only restored into an equal one. */
  readonly shape: string
  /** The same as data, in the order in which a cell holds it. */
  readonly parts: readonly FoldPart[]
  /** How accumulators of older versions become those of a part's, where the program says so. */
  readonly migrations: Migrations
  /** Whether a joined cell is about as small as those that it was made of, so that keeping many of them is cheap. */
  readonly staysSmall: boolean
  /** A cell without records: only `add`, `merge` into it and `retract` may follow. */
  create(): Cell
  /** Leaves the cell as it was when a function of the program throws and the record is to be skipped. */
  add(cell: Cell, value: unknown): void
  /** Takes a record back that was added before; as `add` when a function throws. Only over changelogs. */
  retract(cell: Cell, value: unknown): void
  /** Adds all records of `from`, which come after those of `into`, to `into`; `from` stays as it is. */
  merge(into: Cell, from: Cell): void
  /** Adds the fields of the cell's result to an object that already has `key` and the like. */
  addResult(cell: Cell, result: Record<string, unknown>): void
}

/** A cell of its own with the records of another. */
export function copyCell(fold: Fold, cell: Cell): Cell {
  const copy = fold.create()
  fold.merge(copy, cell)
  return copy
}

/** The part that a reduce has instead of named ones. */
const reducedPart = ''

/** In words that a checkpoint keeps. */
export function shapeOf(parts: readonly FoldPart[]): string {
  const texts = parts.map(({ name, form, version }) => {
    const named = form === undefined ? name : `${name}: ${form}`
    return version === undefined ? named : `${named} (version ${version})`
  })
  return parts.some(({ name }) => name === reducedPart) ? `reduce${texts.join('')}` : `aggregate ${texts.join(', ')}`
}

/** A cell holds the value so far; the first record is taken as it is. The function must not change what it is given. */
export function reduceFold(
  fn: (a: unknown, b: unknown) => unknown,
  { version, migrate }: VersionOptions<unknown> = {},
): Fold {
  const add = (cell: Cell, value: unknown): void => {
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
  }
  const parts = [{ name: reducedPart, ...(version && { version }) }]
  return {
    shape: shapeOf(parts),
    parts,
    migrations: migrate ? { [reducedPart]: migrate } : {},
    staysSmall: true,
    create: () => [],
    add,
    retract() {
      throw new LightflusError('LF_USER_RESULT', 'a reduce cannot take rows back.')
    },
    merge(into, from) {
      if (from.length > 0) add(into, from[0])
    },
    addResult(cell, result) {
      result.value = cell[0]
    },
  }
}

/**
 * A cell holds one accumulator for each of the names, which are in the graph's order.
 * @param input over a changelog, what takes an aggregate's place there is used, where there is such a thing.
 */
export function aggregatesFold(
  names: readonly string[],
  aggregates: Readonly<Record<string, Aggregate>>,
  onError: OnError,
  input: 'records' | 'changelog' = 'records',
): Fold {
  const inOrder = names.map((name): Aggregate => {
    const aggregate = aggregates[name]
    return (input === 'changelog' ? aggregate.overChangelog : undefined) ?? aggregate
  })
  // When the second aggregate throws, the first must not have counted the record that is skipped.
  const isWhole = onError === 'skip' && inOrder.length > 1
  const parts = partsOf(names, inOrder)
  return {
    shape: shapeOf(parts),
    parts,
    migrations: migrationsOf(names, inOrder),
    staysSmall: inOrder.every(({ grows = false }) => !grows),
    create: () => inOrder.map((aggregate) => aggregate.create()),
    add: isWhole ? addWhole : addInPlace,
    retract: isWhole ? retractWhole : retractInPlace,
    merge(into, from) {
      for (let i = 0; i < inOrder.length; i++) {
        const merged: unknown = inOrder[i].merge(into[i], from[i])
        // An aggregate of the program may hand back `b`, where `a` is empty.
        into[i] = apartFrom(from[i], merged)
      }
    },
    addResult(cell, result) {
      for (let i = 0; i < inOrder.length; i++) result[names[i]] = apartFrom(cell[i], inOrder[i].result(cell[i]))
    },
  }

  function addInPlace(cell: Cell, value: unknown): void {
    try {
      for (let i = 0; i < inOrder.length; i++) cell[i] = inOrder[i].add(cell[i], value)
    } catch (thrown) {
      // Who threw is looked for only now: to remember it at every step would cost a tenth of the whole.
      throw namedError(thrown, names[inOrder.findIndex((aggregate) => refuses(aggregate, value))])
    }
  }

  /** First on trial. Aggregates of this library throw for what a record gives them, and so on an empty accumulator, too. */
  function addWhole(cell: Cell, value: unknown): void {
    const tried: unknown[] = []
    try {
      for (let i = 0; i < inOrder.length; i++) {
        const { form, create, add } = inOrder[i]
        tried.push(add(form === undefined ? copyOf(cell[i]) : create(), value))
      }
    } catch (thrown) {
      throw namedError(thrown, names[tried.length])
    }
    try {
      for (let i = 0; i < inOrder.length; i++)
        cell[i] = inOrder[i].form === undefined ? tried[i] : inOrder[i].add(cell[i], value)
    } catch (cause) {
      throw new LightflusError('LF_USER_RESULT', 'a function threw on a record that it had taken a moment before.', {
        cause,
      })
    }
  }

  function retractInPlace(cell: Cell, value: unknown): void {
    let i = 0
    try {
      for (; i < inOrder.length; i++) cell[i] = inOrder[i].retract!(cell[i], value)
    } catch (thrown) {
      throw namedError(thrown, names[i])
    }
  }

  /** On copies: whether a row can be taken back depends on what the accumulator holds. */
  function retractWhole(cell: Cell, value: unknown): void {
    const next = cell.map(copyOf)
    retractInPlace(next, value)
    for (let i = 0; i < next.length; i++) cell[i] = next[i]
  }
}

function partsOf(names: readonly string[], inOrder: readonly Aggregate[]): FoldPart[] {
  return inOrder.map(({ form, version }, i) => ({ name: names[i], ...(form && { form }), ...(version && { version }) }))
}

function migrationsOf(names: readonly string[], inOrder: readonly Aggregate[]): Migrations {
  const own = inOrder.flatMap(({ migrate }, i) => (migrate === undefined ? [] : [[names[i], migrate] as const]))
  return Object.fromEntries(own)
}

function copyOf(accumulator: unknown): unknown {
  return typeof accumulator === 'object' && accumulator !== null ? structuredClone(accumulator) : accumulator
}

/** What was made of an accumulator: a copy where it is the accumulator itself, which goes on changing in place. */
function apartFrom(accumulator: unknown, made: unknown): unknown {
  return made === accumulator ? copyOf(made) : made
}

function refuses({ create, add }: Aggregate, value: unknown): boolean {
  try {
    add(create(), value)
    return false
  } catch {
    return true
  }
}

/** Aggregates do not know the names that the program gave them. What the program's functions throw stays as it is. */
export function namedError(thrown: unknown, name: string | undefined): unknown {
  if (!isLightflusError(thrown) || name === undefined) return thrown
  const { code, message, details, nextStep } = thrown
  return new LightflusError(code, `aggregate '${name}': ${message}`, { details, nextStep, cause: thrown.cause })
}
