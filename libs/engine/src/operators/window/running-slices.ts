import type { Key, SlidingWindower, TumblingWindower } from '@lightflus/api'
import type { ColumnFold } from '../../state-table/column-fold.ts'
import { RunningColumns } from '../../state-table/running-columns.ts'
import type { Cell, Fold } from '../fold/fold.ts'
import { QueuedSlices, type SlidingSlices } from './queued-slices.ts'
import type { ColumnCells, SliceCells } from './slice-cells.ts'

/** @param columns the fold into columns, where it is one. */
export function createSlidingSlices(
  fold: Fold,
  columns: ColumnFold | undefined,
  windower: TumblingWindower | SlidingWindower,
): SlidingSlices {
  const { sizeMs } = windower
  const slideMs = windower.kind === 'sliding' ? windower.slideMs : sizeMs
  const slicesOfWindow = (sizeMs % slideMs === 0 ? 1 : 2) * Math.ceil(sizeMs / slideMs)
  const createQueued = () => new QueuedSlices(fold, slicesOfWindow)
  return columns?.canSubtract ? new RunningSlices(columns, createQueued) : createQueued()
}

interface Slice {
  readonly start: number
  readonly cells: ColumnCells
}

/**
 * One row for each key that goes along with the window: a slice is added when the window comes to it, and taken away when
 * the window has left it. So a slice costs two additions, however many a window has, and nothing is kept twice. That gives
 * what merging the slices would give as long as all numbers are integers that floats can hold exactly; once one is not,
 * slices are merged as any others are, for good.
 */
export class RunningSlices implements SlidingSlices {
  readonly #fold: ColumnFold
  readonly #createMerged: () => SlidingSlices
  #running: RunningColumns
  /** Those that have been added, in the order of their starts. */
  #slices: Slice[] = []
  #merged: SlidingSlices | undefined

  /** @param createMerged what merges slices whose numbers cannot be taken away exactly. */
  constructor(fold: ColumnFold, createMerged: () => SlidingSlices) {
    this.#fold = fold
    this.#createMerged = createMerged
    this.#running = new RunningColumns(fold)
  }

  get isEmpty(): boolean {
    return this.#merged === undefined ? this.#running.isEmpty : this.#merged.isEmpty
  }

  push(start: number, cells: SliceCells): void {
    if (this.#merged !== undefined) return this.#merged.push(start, cells)
    this.#slices.push({ start, cells: cells as ColumnCells })
    if (!this.#running.addTable((cells as ColumnCells).table)) this.#giveUp()
  }

  update(start: number, cells: SliceCells, key: Key, before: Cell | undefined): void {
    if (this.#merged !== undefined) return this.#merged.update(start, cells, key, before)
    const slices = this.#slices
    let at = slices.length
    while (at > 0 && slices[at - 1].start > start) at--
    if (at === 0 || slices[at - 1].start !== start) slices.splice(at, 0, { start, cells: cells as ColumnCells })
    if (!this.#running.replace(key, before, cells.get(key)!)) this.#giveUp()
  }

  window(windowStart: number): Iterable<readonly [Key, Cell]> {
    return this.#merged === undefined ? this.#running.cells() : this.#merged.window(windowStart)
  }

  dropBefore(windowStart: number): void {
    if (this.#merged !== undefined) return this.#merged.dropBefore(windowStart)
    let count = 0
    while (count < this.#slices.length && this.#slices[count].start < windowStart)
      this.#running.takeTableAway(this.#slices[count++].cells.table)
    if (count > 0) this.#slices = this.#slices.slice(count)
    this.#running.compact()
  }

  #giveUp(): void {
    const merged = this.#createMerged()
    for (const { start, cells } of this.#slices) merged.push(start, cells)
    this.#merged = merged
    this.#slices = []
    this.#running = new RunningColumns(this.#fold)
  }
}
