import type { Key, SlidingWindower, TumblingWindower } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'
import { minWatermark } from '../../record.ts'
import type { Cell, Fold } from '../fold/fold.ts'
import type { CorrectedPanes } from './corrected-panes.ts'
import type { SliceTable } from './slice-table.ts'
import type { KeyGroupKeptWindows } from './window-store.ts'

interface SlicedShapes {
  readonly present: string
  /** What windows of the clock said of themselves before they had slices. */
  readonly former: string | undefined
}

/** What windows and fold are, in words that a checkpoint keeps. */
export function slicedShapes(windower: TumblingWindower | SlidingWindower, panes: string, fold: Fold): SlicedShapes {
  const { kind, sizeMs, offsetMs, time } = windower
  const isOfClock = time === 'processing'
  const cut = kind === 'sliding' ? `${sizeMs}/${windower.slideMs}` : sizeMs
  return {
    present: `${kind} ${cut}+${offsetMs} ms ${isOfClock ? 'by the clock ' : ''}in slices, ${fold.shape}`,
    former: isOfClock ? `tumbling ${sizeMs}+${offsetMs} ms, ${panes} panes, ${fold.shape}` : undefined,
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

/** A key group of a checkpoint. */
export function restoredSlices(group: unknown): KeyGroupSlices {
  return 'orders' in (group as object) ? slicesOfKept(group as KeyGroupKeptWindows) : (group as KeyGroupSlices)
}

/** The windows of a key group of which none has fired, as checkpoints held them before they had slices. */
function slicesOfKept({ keys, starts, cells }: KeyGroupKeptWindows): KeyGroupSlices {
  const none = { correctedEnds: [], correctedKeys: [], correctedPanes: [] }
  return { firedBy: minWatermark, keys, starts, cells: cells as Cell[], ...none }
}
