import type { Key } from '@lightflus/api'
import type { ColumnFold } from '../../state-table/column-fold.ts'
import type { Cell } from '../fold/fold.ts'
import { ColumnCells, type SliceCells } from './slice-cells.ts'

/** About what a key and its cell take in a Map, of two small accumulators (bench/state.ts). */
const cellBytes = 130

/** Slices by their start, and the starts in order: what is due stands at the front. */
export class SliceTable {
  readonly #cells = new Map<number, SliceCells>()
  readonly #starts: number[] = []
  readonly #columns: ColumnFold | undefined

  /** @param columns what folds into cells, where they are in columns. */
  constructor(columns: ColumnFold | undefined) {
    this.#columns = columns
  }

  /** The least start; Infinity where there is no slice. */
  get firstStart(): number {
    return this.#starts.length > 0 ? this.#starts[0] : Infinity
  }

  /** Rising. Not to be kept while slices come and go. */
  get starts(): readonly number[] {
    return this.#starts
  }

  get(start: number): SliceCells | undefined {
    return this.#cells.get(start)
  }

  /** Makes the slice where there is none. */
  cellsOf(start: number): SliceCells {
    let cells = this.#cells.get(start)
    if (cells === undefined) {
      let at = this.#starts.length
      while (at > 0 && this.#starts[at - 1] > start) at--
      this.#starts.splice(at, 0, start)
      this.#cells.set(start, (cells = this.#columns ? new ColumnCells(this.#columns) : new Map<Key, Cell>()))
    }
    return cells
  }

  get all(): Iterable<SliceCells> {
    return this.#cells.values()
  }

  /** Adds a slice, or to the slice of that start the cells of other keys. */
  put(start: number, cells: SliceCells): void {
    const present = this.cellsOf(start)
    if (present.size === 0) this.#cells.set(start, cells)
    else for (const [key, cell] of cells) present.set(key, cell)
  }

  /** Removes the first slice, of which there has to be one. */
  shift(): SliceCells {
    const start = this.#starts.shift()!
    const cells = this.#cells.get(start)!
    this.#cells.delete(start)
    return cells
  }
}

/** Cells of all slices, and about what they weigh. */
export function weighTables(tables: readonly SliceTable[]): { readonly entries: number; readonly bytes: number } {
  let entries = 0
  let bytes = 0
  for (const table of tables) {
    for (const cells of table.all) {
      entries += cells.size
      bytes += cells instanceof ColumnCells ? cells.table.bytes : cells.size * cellBytes
    }
  }
  return { entries, bytes }
}
