import type { Key } from '@lightflus/api'
import type { RecordBatch } from '../../record.ts'
import type { ColumnFold } from '../../state-table/column-fold.ts'
import { columnKinds } from '../../state-table/column-kinds.ts'
import { ColumnTable } from '../../state-table/column-table.ts'
import type { Cell, Fold } from '../fold/fold.ts'
import type { RecordFailed, RecordRun, SliceCells } from './slice-cells.ts'

/** What records of one slice have come to, key by key, on their way to a window: see WindowCombiner. */
export interface SlicePartials {
  /** Of keys. */
  readonly size: number
  /** That have been folded. */
  readonly records: number
  /**
   * @param rest is given the indices of records that were not folded
   * @param failed told of those on which a function of the program threw
   */
  add(run: RecordRun, rest: number[], failed: RecordFailed): void
  /** All of it, in batches of so many at most. */
  batches(start: number, max: number): Generator<RecordBatch, void>
}

/** As it crosses: of a single aggregate its accumulator alone, which a column holds. */
function partialOf(cell: Cell): unknown {
  return cell.length === 1 ? cell[0] : cell
}

/** Adds a partial result to what its window has of the key. It becomes the receiver's own. */
export function joinPartial(fold: Fold, cells: SliceCells, key: Key, partial: unknown): void {
  const added = fold.parts.length === 1 ? [partial] : (partial as Cell)
  const cell = cells.get(key)
  if (cell !== undefined) fold.merge(cell, added)
  cells.set(key, cell ?? added)
}

/** Of records whose numbers the fold has evaluated. */
export class ColumnPartials implements SlicePartials {
  readonly #fold: ColumnFold
  readonly #table: ColumnTable
  /** Of an entry, in which its records are counted: an aggregate's, where one counts them all. */
  readonly #counts: number
  readonly #countsApart: boolean
  records = 0

  constructor(fold: ColumnFold) {
    this.#fold = fold
    this.#countsApart = fold.countColumn === undefined
    this.#counts = fold.countColumn ?? fold.initial.length + 1
    this.#table = this.#countsApart ? new ColumnTable([...fold.initial, 0]) : fold.createTable()
  }

  get size(): number {
    return this.#table.size
  }

  add({ batch, from, to }: RecordRun): void {
    const table = this.#table
    const entries = this.#fold.entriesFor(batch.values.length)
    table.addEach(batch.keys!, from, to, entries)
    this.#fold.add(table, entries, from, to)
    if (this.#countsApart) {
      const { chunks, stride } = table
      columnKinds.count.add({ chunks, stride, column: this.#counts, entries, input: undefined }, from, to)
    }
    this.records += to - from
  }

  *batches(start: number, max: number): Generator<RecordBatch, void> {
    const table = this.#table
    for (let from = 0; from < table.size; from += max) {
      const out = new PartialBatch(Math.min(max, table.size - from), start)
      for (let entry = from; entry < table.size && entry < from + max; entry++) {
        const { chunk, at } = table.rowOf(entry)
        out.add(table.keyOf(entry), this.#fold.read(chunk, at), chunk[at + this.#counts])
      }
      yield out.batch
    }
  }
}

export class ObjectPartials implements SlicePartials {
  readonly #fold: Fold
  readonly #crosses: (cell: Cell) => boolean
  readonly #cells = new Map<Key, { readonly cell: Cell; records: number }>()
  records = 0

  /** @param crosses asked of each new cell, whether it may be sent. */
  constructor(fold: Fold, crosses: (cell: Cell) => boolean) {
    this.#fold = fold
    this.#crosses = crosses
  }

  get size(): number {
    return this.#cells.size
  }

  add({ batch, from, to }: RecordRun, rest: number[], failed: RecordFailed): void {
    const { values } = batch
    for (let index = from; index < to; index++) {
      let isIn = false
      try {
        isIn = this.#addOne(batch.keys![index], values[index])
      } catch (thrown) {
        failed(thrown, batch, index)
      }
      if (isIn) this.records++
      else rest.push(index)
    }
  }

  *batches(start: number, max: number): Generator<RecordBatch, void> {
    let left = this.#cells.size
    let out = new PartialBatch(Math.min(max, left), start)
    for (const [key, { cell, records }] of this.#cells) {
      if (out.add(key, cell, records) < max) continue
      yield out.batch
      left -= max
      out = new PartialBatch(Math.min(max, left), start)
    }
    if (out.length > 0) yield out.batch
  }

  /** @returns whether it was folded. */
  #addOne(key: Key, value: unknown): boolean {
    const present = this.#cells.get(key)
    if (present !== undefined) {
      this.#fold.add(present.cell, value)
      present.records++
      return true
    }
    const cell = this.#fold.create()
    this.#fold.add(cell, value)
    if (!this.#crosses(cell)) return false
    this.#cells.set(key, { cell, records: 1 })
    return true
  }
}

class PartialBatch {
  readonly #values: unknown[]
  readonly #keys: Key[]
  readonly #counts: number[]
  readonly #start: number
  length = 0

  constructor(size: number, start: number) {
    this.#values = new Array<unknown>(size)
    this.#keys = new Array<Key>(size)
    this.#counts = new Array<number>(size)
    this.#start = start
  }

  /** @returns how many there are now. */
  add(key: Key, cell: Cell, records: number): number {
    this.#values[this.length] = partialOf(cell)
    this.#keys[this.length] = key
    this.#counts[this.length] = records
    return ++this.length
  }

  get batch(): RecordBatch {
    const timestamps = new Array<number>(this.length).fill(this.#start)
    return { values: this.#values, timestamps, keys: this.#keys, counts: this.#counts }
  }
}
