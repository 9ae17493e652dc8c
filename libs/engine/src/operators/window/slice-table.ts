import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'
import { minWatermark } from '../../record.ts'
import type { Cell } from '../fold/fold.ts'
import type { CorrectedPanes } from './corrected-panes.ts'
import type { SliceCells } from './slice-cells.ts'
import type { KeyGroupKeptWindows } from './window-store.ts'

/** Slices by their start, and the starts in order: what is due stands at the front. */
export class SliceTable {
  readonly #cells = new Map<number, SliceCells>()
  readonly #starts: number[] = []
  readonly #create: () => SliceCells

  /** @param create cells of a slice without records. */
  constructor(create: () => SliceCells) {
    this.#create = create
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
      this.#cells.set(start, (cells = this.#create()))
    }
    return cells
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

/** Of a subtask, in a snapshot. */
export interface SlicedState {
  readonly shape: string
  readonly watermark: number
}

/** One key group in a snapshot: columns of one length for its cells, and for the windows that late records have corrected. */
export interface KeyGroupSlices {
  /** Windows that end by then have fired. */
  readonly firedBy: number
  readonly starts: number[]
  readonly keys: Key[]
  readonly cells: Cell[]
  readonly correctedEnds: number[]
  readonly correctedKeys: Key[]
  readonly correctedPanes: number[]
}

/** Sorts all state by the group of its key. @param firedBy of a key group. */
export function slicesByKeyGroup(
  tables: readonly SliceTable[],
  corrected: CorrectedPanes,
  firedBy: (keyGroup: number) => number,
): Map<number, KeyGroupSlices> {
  const groups = new Map<number, KeyGroupSlices>()
  const groupOf = (key: Key): KeyGroupSlices => {
    const keyGroup = keyGroupOf(key)
    let group = groups.get(keyGroup)
    if (group === undefined) {
      const columns = { starts: [], keys: [], cells: [], correctedEnds: [], correctedKeys: [], correctedPanes: [] }
      groups.set(keyGroup, (group = { firedBy: firedBy(keyGroup), ...columns }))
    }
    return group
  }
  for (const table of tables) {
    for (const start of table.starts) {
      for (const [key, cell] of table.get(start)!) {
        const group = groupOf(key)
        group.starts.push(start)
        group.keys.push(key)
        group.cells.push(cell)
      }
    }
  }
  for (const [end, key, panes] of corrected.entries()) {
    const group = groupOf(key)
    group.correctedEnds.push(end)
    group.correctedKeys.push(key)
    group.correctedPanes.push(panes)
  }
  return groups
}

/** The windows of a key group of which none has fired, as checkpoints held them before they had slices. */
export function slicesOfKept({ keys, starts, cells }: KeyGroupKeptWindows): KeyGroupSlices {
  const none = { correctedEnds: [], correctedKeys: [], correctedPanes: [] }
  return { firedBy: minWatermark, keys, starts, cells: cells as Cell[], ...none }
}
