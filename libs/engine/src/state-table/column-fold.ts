import type { Aggregate, AggregateColumns } from '@lightflus/api'
import { namedError, type Cell } from '../operators/fold/fold.ts'
import { columnKinds, type ColumnKind } from './column-kinds.ts'
import { ColumnTable } from './column-table.ts'

type Of = (value: unknown) => number
type Passes = readonly ((value: unknown) => boolean)[]

interface ColumnPart {
  readonly name: string
  readonly aggregate: Aggregate
  readonly kind: ColumnKind
  readonly kindName: AggregateColumns['kind']
  readonly of: Of | undefined
  readonly passes: Passes
  /** Of its first column within an entry. */
  readonly column: number
}

/** Aggregates whose accumulators are numbers only, as a fold into the columns of tables; undefined where one is not. */
export function columnFold(
  names: readonly string[],
  aggregates: Readonly<Record<string, Aggregate>>,
): ColumnFold | undefined {
  const parts: ColumnPart[] = []
  // The first number of an entry is its key.
  let column = 1
  for (const name of names) {
    const aggregate = aggregates[name]
    if (aggregate.columns === undefined) return undefined
    const { kind, of, passes } = aggregate.columns
    parts.push({ name, aggregate, kind: columnKinds[kind], kindName: kind, of, passes, column })
    column += columnKinds[kind].initial.length
  }
  return new ColumnFold(parts)
}

/**
 * Folds batches of records in two steps, so that a record on which a function of the program throws changes nothing:
 *
 * 1. `evaluate` asks the functions for the numbers of all records. Where one throws, or gives no number, the records are
 *    to be evaluated one by one, by `evaluateOne`, which throws what the aggregate itself throws.
 * 2. `add` adds those numbers to the entries of the records' keys.
 *
 * Each function is called for the whole batch before the next one is, also for records that turn out to be late, and for
 * some records again where one throws.
 */
export class ColumnFold {
  readonly #parts: readonly ColumnPart[]
  /** Of its aggregates. */
  readonly kinds: readonly AggregateColumns['kind'][]
  /** What a row without records holds. */
  readonly initial: readonly number[]
  /** Whether rows may be taken away from rows, where all numbers are integers: see {@link RunningColumns}. */
  readonly canSubtract: boolean
  /** Of an entry: that of an aggregate which counts all records, where there is one. */
  readonly countColumn: number | undefined
  readonly #inputs: (Float64Array | undefined)[]
  #entries = new Int32Array(0)
  #capacity = 0

  constructor(parts: readonly ColumnPart[]) {
    this.#parts = parts
    this.kinds = parts.map(({ kindName }) => kindName)
    this.canSubtract = parts.every(({ kind }) => kind.isSum)
    this.initial = parts.flatMap(({ kind }) => kind.initial)
    this.countColumn = parts.find(({ of, passes }) => of === undefined && passes.length === 0)?.column
    this.#inputs = parts.map(() => undefined)
  }

  createTable(): ColumnTable {
    return new ColumnTable(this.initial)
  }

  /** Room for the entries of a batch's records. */
  entriesFor(records: number): Int32Array {
    this.#makeRoom(records)
    return this.#entries
  }

  /** @returns false where the records are to be evaluated one by one. */
  evaluate(values: readonly unknown[]): boolean {
    this.#makeRoom(values.length)
    try {
      return this.#parts.every(
        ({ of, passes }, i) => this.#inputs[i] === undefined || evaluate(values, of, passes, this.#inputs[i]),
      )
    } catch {
      return false
    }
  }

  /**
   * Whether so many evaluated records give the same in whichever groups they are added: sums that are rounded do not.
   * Integers of this size are not, before they are very many.
   */
  areExact(records: number): boolean {
    return this.#parts.every(({ kind, kindName }, i) => {
      const input = this.#inputs[i]
      return !kind.isSum || kindName === 'count' || input === undefined || areIntegers(input, records)
    })
  }

  /** @param index at which its numbers are put. */
  evaluateOne(value: unknown, index: number): void {
    this.#makeRoom(index + 1)
    this.#parts.forEach(({ name, aggregate, kind }, i) => {
      try {
        const alone = aggregate.add(aggregate.create(), value) as never
        const input = this.#inputs[i]
        if (input !== undefined) input[index] = kind.inputOf(alone)
      } catch (thrown) {
        throw namedError(thrown, name)
      }
    })
  }

  /** Adds the records from one index to another, which have been evaluated. @param entries of their keys. */
  add({ chunks, stride, copy }: ColumnTable, entries: Int32Array, from: number, to: number): void {
    copy?.beforeChanges(entries, from, to)
    for (let i = 0; i < this.#parts.length; i++) {
      const { kind, column } = this.#parts[i]
      kind.add({ chunks, stride, column, entries, input: this.#inputs[i] }, from, to)
    }
  }

  /** The row at that place as a cell. */
  read(chunk: Float64Array, at: number): Cell {
    const parts = this.#parts
    // An array that grows has room for 17.
    const cell = new Array<unknown>(parts.length)
    for (let i = 0; i < parts.length; i++) cell[i] = parts[i].kind.toAccumulator(chunk, at + parts[i].column)
    return cell
  }

  write(cell: Cell, chunk: Float64Array, at: number): void {
    this.#parts.forEach(({ kind, column }, i) => kind.fromAccumulator(cell[i] as never, chunk, at + column))
  }

  #makeRoom(records: number): void {
    if (records <= this.#capacity) return
    this.#capacity = Math.max(records, 1_024)
    this.#entries = new Int32Array(this.#capacity)
    this.#parts.forEach(({ of, passes }, i) => {
      if (of !== undefined || passes.length > 0) this.#inputs[i] = new Float64Array(this.#capacity)
    })
  }
}

function evaluate(values: readonly unknown[], of: Of | undefined, passes: Passes, input: Float64Array): boolean {
  if (passes.length === 0) return evaluateAll(values, of!, input)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    let isIn = true
    for (let j = 0; j < passes.length && isIn; j++) isIn = Boolean(passes[j](value))
    const number = !isIn ? NaN : of === undefined ? 1 : of(value)
    if (isIn && !Number.isFinite(number)) return false
    input[i] = number
  }
  return true
}

function evaluateAll(values: readonly unknown[], of: Of, input: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) {
    const number = of(values[i])
    if (!Number.isFinite(number)) return false
    input[i] = number
  }
  return true
}

const exactMax = 2 ** 32

/** Or NaN, of records that are left out. */
function areIntegers(input: Float64Array, to: number): boolean {
  for (let i = 0; i < to; i++) {
    const number = input[i]
    if (number === number && (Math.trunc(number) !== number || Math.abs(number) > exactMax)) return false
  }
  return true
}
