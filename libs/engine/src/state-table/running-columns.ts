import type { Key } from '@lightflus/api'
import type { Cell } from '../operators/fold/fold.ts'
import type { ColumnFold } from './column-fold.ts'
import { ColumnTable } from './column-table.ts'

/** How many keys without a table there may be beside twice as many as are in one. */
const emptyMax = 1_024

/**
 * Sums over tables that come and go. Rows are added and taken away number by number, which is exact as long as all of them
 * are integers in the range of {@link Number.MAX_SAFE_INTEGER}.
 */
export class RunningColumns {
  readonly #fold: ColumnFold
  /** How many numbers a row has; behind them the row's count of tables. */
  readonly #width: number
  #table: ColumnTable
  /** How many keys are in any table. */
  #live = 0
  readonly #before: Float64Array
  readonly #after: Float64Array

  constructor(fold: ColumnFold) {
    this.#fold = fold
    this.#width = fold.initial.length
    this.#table = this.#createTable()
    this.#before = new Float64Array(this.#width + 1)
    this.#after = new Float64Array(this.#width + 1)
  }

  get isEmpty(): boolean {
    return this.#live === 0
  }

  /** @returns false where it cannot be taken away again exactly. The sums are of no use then. */
  addTable(table: ColumnTable): boolean {
    const own = this.#table
    let isExact = true
    for (let entry = 0; entry < table.size && isExact; entry++) {
      const { chunk, at } = table.rowOf(entry)
      isExact = this.#add(own.addHashed(table.keyOf(entry), table.hashOf(entry)), chunk, at)
    }
    return isExact
  }

  takeTableAway(table: ColumnTable): void {
    const own = this.#table
    for (let entry = 0; entry < table.size; entry++) {
      const { chunk, at } = table.rowOf(entry)
      this.#subtract(own.addHashed(table.keyOf(entry), table.hashOf(entry)), chunk, at)
    }
  }

  /** A row of one table has changed, or is new there. @returns as `addTable`. */
  replace(key: Key, before: Cell | undefined, after: Cell): boolean {
    const entry = this.#table.add(key)
    if (before !== undefined) {
      this.#fold.write(before, this.#before, 0)
      this.#subtract(entry, this.#before, 0)
    }
    this.#fold.write(after, this.#after, 0)
    return this.#add(entry, this.#after, 0)
  }

  /** What each key has, in the order in which keys were added. The pair is one, used again; the cells are not. */
  *cells(): Generator<readonly [Key, Cell], void> {
    const table = this.#table
    const pair: [Key, Cell] = [0, []]
    for (let entry = 0; entry < table.size; entry++) {
      const { chunk, at } = table.rowOf(entry)
      if (chunk[at + this.#width + 1] === 0) continue
      pair[0] = table.keyOf(entry)
      pair[1] = this.#fold.read(chunk, at)
      yield pair
    }
  }

  /** Forgets keys that are in no table any more, once they are many. */
  compact(): void {
    const { size } = this.#table
    if (size <= 2 * this.#live + emptyMax) return
    const former = this.#table
    const table = this.#createTable()
    const length = this.#width + 1
    for (let entry = 0; entry < size; entry++) {
      const from = former.rowOf(entry)
      if (from.chunk[from.at + length] === 0) continue
      const to = table.rowOf(table.addHashed(former.keyOf(entry), former.hashOf(entry)))
      for (let i = 1; i <= length; i++) to.chunk[to.at + i] = from.chunk[from.at + i]
    }
    this.#table = table
  }

  #createTable(): ColumnTable {
    return new ColumnTable([...this.#fold.initial, 0])
  }

  #add(entry: number, from: Float64Array, fromAt: number): boolean {
    const { chunk, at } = this.#table.rowOf(entry)
    const width = this.#width
    let isExact = true
    for (let i = 1; i <= width; i++) {
      const added = from[fromAt + i]
      const sum = chunk[at + i] + added
      chunk[at + i] = sum
      if (Math.trunc(added) !== added || Math.abs(sum) > Number.MAX_SAFE_INTEGER) isExact = false
    }
    if (++chunk[at + width + 1] === 1) this.#live++
    return isExact
  }

  #subtract(entry: number, from: Float64Array, fromAt: number): void {
    const { chunk, at } = this.#table.rowOf(entry)
    const width = this.#width
    for (let i = 1; i <= width; i++) chunk[at + i] -= from[fromAt + i]
    if (--chunk[at + width + 1] === 0) this.#live--
  }
}
