import type { Key } from '@lightflus/api'
import type { FrozenState } from '../../checkpoint/frozen-state.ts'
import type { ColumnFold } from '../../state-table/column-fold.ts'
import { ColumnTable } from '../../state-table/column-table.ts'
import type { PackedCells } from '../../state-table/packed-cells.ts'
import { TableCopies } from '../../state-table/table-copy.ts'
import type { RecordBatch } from '../../record.ts'
import type { RunningCell, RunningCells } from './keyed-cells.ts'

/** Running cells in columns: behind the numbers of a cell stand its rows and its greatest event time. Nothing is removed. */
export class ColumnRunningCells implements RunningCells {
  readonly #fold: ColumnFold
  readonly #rows: number
  #table: ColumnTable
  /** The key that was looked up last, and its entry, or -1: what is changed need not be looked up again. */
  #latestKey: Key | undefined
  #latest = -1

  constructor(fold: ColumnFold) {
    this.#fold = fold
    this.#rows = fold.initial.length + 1
    this.#table = this.#createTable()
  }

  get size(): number {
    return this.#table.size
  }

  get bytes(): number {
    return this.#table.bytes
  }

  /** A copy: what is changed has to be set again. */
  get(key: Key): RunningCell | undefined {
    this.#latestKey = key
    this.#latest = this.#table.find(key)
    return this.#latest < 0 ? undefined : this.#read(this.#latest)
  }

  set(key: Key, { cell, rows, timestamp }: RunningCell): void {
    const isLatest = key === this.#latestKey && this.#latest >= 0
    const entry = isLatest ? this.#latest : this.#table.add(key)
    this.#table.copy?.beforeChange(entry)
    const { chunk, at } = this.#table.rowOf(entry)
    this.#fold.write(cell, chunk, at)
    chunk[at + this.#rows] = rows
    chunk[at + this.#rows + 1] = timestamp
  }

  changed(key: Key, running: RunningCell): void {
    this.set(key, running)
  }

  delete(): never {
    throw new Error('Records that are not taken back leave no key without rows.')
  }

  freeze(): FrozenState {
    const table = this.#table
    return new TableCopies([{ table, first: 0 }], (_keyGroup, cells) => ({
      packed: { ...cells, kinds: this.#fold.kinds, before: null, behind: ['rows', 'timestamps'] } satisfies PackedCells,
    }))
  }

  clear(): void {
    this.#table = this.#createTable()
    this.#latest = -1
  }

  /** Adds all records of a batch, or, where one of them cannot be folded, none. @returns whether it has. */
  addBatch({ values, keys, timestamps }: RecordBatch): boolean {
    if (!this.#fold.evaluate(values)) return false
    const { length } = values
    const entries = this.#fold.entriesFor(length)
    this.#table.addEach(keys!, 0, length, entries)
    this.#fold.add(this.#table, entries, 0, length)
    for (let i = 0; i < length; i++) {
      const { chunk, at } = this.#table.rowOf(entries[i])
      chunk[at + this.#rows]++
      if (timestamps[i] > chunk[at + this.#rows + 1]) chunk[at + this.#rows + 1] = timestamps[i]
    }
    return true
  }

  *[Symbol.iterator](): Generator<readonly [Key, RunningCell], void> {
    for (let entry = 0; entry < this.#table.size; entry++) yield [this.#table.keyOf(entry), this.#read(entry)]
  }

  #read(entry: number): RunningCell {
    const { chunk, at } = this.#table.rowOf(entry)
    return {
      cell: this.#fold.read(chunk, at),
      rows: chunk[at + this.#rows],
      timestamp: chunk[at + this.#rows + 1],
      copiedIn: 0,
    }
  }

  #createTable(): ColumnTable {
    return new ColumnTable([...this.#fold.initial, 0, -Infinity])
  }
}
