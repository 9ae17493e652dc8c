import type { Key } from '@lightflus/api'
import type { ColumnFold } from '../../state-table/column-fold.ts'
import type { ColumnTable } from '../../state-table/column-table.ts'
import type { RecordBatch } from '../../record.ts'
import type { Cell, Fold } from '../fold/fold.ts'

/** Cells of the keys that have records in one slice, in the order in which keys were added. A Map is such a thing. */
export interface SliceCells extends Iterable<readonly [Key, Cell]> {
  readonly size: number
  /** Undefined where the key has no records. */
  get(key: Key): Cell | undefined
  set(key: Key, cell: Cell): void
  keys(): Iterable<Key>
}

/** Records of a batch that stand side by side, all of one slice. */
export interface RecordRun {
  readonly batch: RecordBatch
  readonly from: number
  readonly to: number
}

/** Told of each record that cannot be folded. It has changed nothing. */
export type RecordFailed = (thrown: unknown, batch: RecordBatch, index: number) => void

/** @param areEvaluated by the fold into columns, where cells are in columns. */
export function addRun(
  fold: Fold,
  cells: SliceCells,
  run: RecordRun,
  areEvaluated: boolean,
  failed: RecordFailed,
): void {
  if (cells instanceof ColumnCells) cells.add(run, areEvaluated, failed)
  else addToCells(fold, cells, run, failed)
}

export function addToCells(fold: Fold, cells: SliceCells, { batch, from, to }: RecordRun, failed: RecordFailed): void {
  const { values } = batch
  const keys = batch.keys!
  let index = from
  while (index < to) {
    try {
      for (; index < to; index++) {
        const cell = cells.get(keys[index])
        if (cell === undefined) {
          const first = fold.create()
          fold.add(first, values[index])
          // Only now: a key whose first record is skipped has no state.
          cells.set(keys[index], first)
        } else fold.add(cell, values[index])
      }
    } catch (thrown) {
      failed(thrown, batch, index++)
    }
  }
}

/** Cells in the columns of a table. What it hands out are copies: a cell that has changed has to be set again. */
export class ColumnCells implements SliceCells {
  readonly table: ColumnTable
  readonly #fold: ColumnFold

  constructor(fold: ColumnFold) {
    this.#fold = fold
    this.table = fold.createTable()
  }

  get size(): number {
    return this.table.size
  }

  get(key: Key): Cell | undefined {
    const entry = this.table.find(key)
    if (entry < 0) return undefined
    const { chunk, at } = this.table.rowOf(entry)
    return this.#fold.read(chunk, at)
  }

  set(key: Key, cell: Cell): void {
    const entry = this.table.add(key)
    this.table.copy?.beforeChange(entry)
    const { chunk, at } = this.table.rowOf(entry)
    this.#fold.write(cell, chunk, at)
  }

  /** @param areEvaluated the records have been, by the fold: see {@link ColumnFold}. */
  add({ batch, from, to }: RecordRun, areEvaluated: boolean, failed: RecordFailed): void {
    const keys = batch.keys!
    const entries = this.#fold.entriesFor(batch.values.length)
    if (areEvaluated) {
      this.table.addEach(keys, from, to, entries)
      this.#fold.add(this.table, entries, from, to)
      return
    }
    for (let index = from; index < to; index++) {
      try {
        this.#fold.evaluateOne(batch.values[index], index)
        this.table.addEach(keys, index, index + 1, entries)
        this.#fold.add(this.table, entries, index, index + 1)
      } catch (thrown) {
        failed(thrown, batch, index)
      }
    }
  }

  *keys(): Generator<Key, void> {
    for (let entry = 0; entry < this.table.size; entry++) yield this.table.keyOf(entry)
  }

  *[Symbol.iterator](): Generator<readonly [Key, Cell], void> {
    const { table } = this
    for (let entry = 0; entry < table.size; entry++) {
      const { chunk, at } = table.rowOf(entry)
      yield [table.keyOf(entry), this.#fold.read(chunk, at)]
    }
  }
}
