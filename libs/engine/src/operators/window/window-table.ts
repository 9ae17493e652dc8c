import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'
import type { Cell } from '../fold/fold.ts'

/** Cells of the keys of one window. */
export type WindowCells = Map<Key, Cell>

/** Windows by their start. */
export type WindowTable = Map<number, WindowCells>

/** One key group's cells of several windows in a snapshot: columns of one length. */
export interface KeyGroupWindows {
  readonly starts: number[]
  readonly keys: Key[]
  readonly cells: Cell[]
  /** Whether the cell's window had emitted its result and was kept for late records only. */
  readonly fired: boolean[]
}

export function cellsOf(table: WindowTable, start: number): WindowCells {
  let cells = table.get(start)
  if (cells === undefined) table.set(start, (cells = new Map()))
  return cells
}

/** Sorts the cells of both tables by the group of their key. */
export function windowsByKeyGroup(open: WindowTable, fired: WindowTable): Map<number, KeyGroupWindows> {
  const groups = new Map<number, KeyGroupWindows>()
  for (const table of [open, fired]) {
    for (const [start, cells] of table) {
      for (const [key, cell] of cells) {
        const keyGroup = keyGroupOf(key)
        let group = groups.get(keyGroup)
        if (group === undefined) groups.set(keyGroup, (group = { starts: [], keys: [], cells: [], fired: [] }))
        group.starts.push(start)
        group.keys.push(key)
        group.cells.push(cell)
        group.fired.push(table === fired)
      }
    }
  }
  return groups
}

export function putWindows(open: WindowTable, fired: WindowTable, group: KeyGroupWindows): void {
  for (let i = 0; i < group.keys.length; i++)
    cellsOf(group.fired[i] ? fired : open, group.starts[i]).set(group.keys[i], group.cells[i])
}
