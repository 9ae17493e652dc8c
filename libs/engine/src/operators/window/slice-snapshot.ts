import type { ColumnFold } from '../../state-table/column-fold.ts'
import type { PackedCells } from '../../state-table/packed-cells.ts'
import { TableCopies } from '../../state-table/table-copy.ts'
import type { Key, SlidingWindower, TumblingWindower } from '@lightflus/api'
import { keyGroupCount, keyGroupOf } from '../../key-group.ts'
import { minWatermark } from '../../record.ts'
import type { Cell, Fold } from '../fold/fold.ts'
import type { FoldedState, RestoredFold } from '../fold/restored-fold.ts'
import type { FrozenOperatorState, Operator } from '../operator.ts'
import type { CorrectedPanes } from './corrected-panes.ts'
import type { ColumnCells } from './slice-cells.ts'
import type { SliceTable } from './slice-table.ts'
import type { KeyGroupKeptWindows } from './window-store.ts'

/** What windows and fold are, in words that a checkpoint keeps. */
export function slicedShapes(
  windower: TumblingWindower | SlidingWindower,
  panes: string,
  fold: Fold,
): Pick<RestoredFold, 'shapeWith' | 'formerShape'> {
  const { kind, sizeMs, offsetMs, time } = windower
  const isOfClock = time === 'processing'
  const cut = kind === 'sliding' ? `${sizeMs}/${windower.slideMs}` : sizeMs
  return {
    shapeWith: (shape) => `${kind} ${cut}+${offsetMs} ms ${isOfClock ? 'by the clock ' : ''}in slices, ${shape}`,
    // What windows of the clock said of themselves before they had slices.
    formerShape: isOfClock ? `tumbling ${sizeMs}+${offsetMs} ms, ${panes} panes, ${fold.shape}` : undefined,
  }
}

/** Of a subtask, in a snapshot. */
export interface SlicedState extends FoldedState {
  readonly watermark: number
  /** Of the windows; absent in checkpoints from before it was told. */
  readonly sizeMs?: number
  readonly slideMs?: number
}

/** All that a subtask keeps. */
export interface SlicedParts {
  readonly subtask: SlicedState
  readonly tables: readonly SliceTable[]
  /** Where cells are in columns. */
  readonly columns: ColumnFold | undefined
  readonly corrected: CorrectedPanes
  /** Of a key group. */
  readonly firedBy: (keyGroup: number) => number
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

/** An operator's calls for its snapshot, of all that there is then. */
export function sliceState(parts: () => SlicedParts): Required<Pick<Operator, 'snapshot' | 'freeze'>> {
  return {
    snapshot: () => ({ subtask: parts().subtask, keyGroups: slicesByKeyGroup(parts()) }),
    freeze: () => frozenSlices(parts()),
  }
}

/** Sorts all state by the group of its key. */
function slicesByKeyGroup({
  tables,
  corrected,
  firedBy,
}: Pick<SlicedParts, 'tables' | 'corrected' | 'firedBy'>): Map<number, KeyGroupSlices> {
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

/** The same, of which cells are copied later; undefined where they are not in columns. */
function frozenSlices({ subtask, tables, columns, corrected, firedBy }: SlicedParts): FrozenOperatorState | undefined {
  if (columns === undefined) return undefined
  const slices = tables.flatMap((each) =>
    each.starts.map((start) => ({ table: (each.get(start) as ColumnCells).table, first: start })),
  )
  // Both are told now: windows fire meanwhile.
  const firedByThen = Array.from({ length: keyGroupCount }, (_, keyGroup) => firedBy(keyGroup))
  const others = slicesByKeyGroup({ tables: [], corrected, firedBy })
  const copies = new TableCopies(slices, (keyGroup, cells) => ({
    firedBy: firedByThen[keyGroup],
    packed: { ...cells, kinds: columns.kinds, before: 'starts', behind: [] } satisfies PackedCells,
    correctedEnds: [],
    correctedKeys: [],
    correctedPanes: [],
  }))
  return {
    subtask,
    keyGroups: {
      get bytes() {
        return copies.bytes
      },
      begin(write) {
        for (const [keyGroup, group] of others) write(keyGroup, group)
        copies.begin(write)
      },
      advance: (entries) => copies.advance(entries),
      release: () => copies.release(),
    },
  }
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
