import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'
import type { Cell } from './fold.ts'

/** Cells of one key group in a snapshot, as columns of one length. */
export interface KeyGroupCells {
  readonly keys: Key[]
  readonly cells: Cell[]
}

/** Sorts cells by the group of their key: the form in which they move to other subtasks. */
export function cellsByKeyGroup(cells: ReadonlyMap<Key, Cell>): Map<number, KeyGroupCells> {
  const groups = new Map<number, KeyGroupCells>()
  for (const [key, cell] of cells) {
    const keyGroup = keyGroupOf(key)
    let group = groups.get(keyGroup)
    if (group === undefined) groups.set(keyGroup, (group = { keys: [], cells: [] }))
    group.keys.push(key)
    group.cells.push(cell)
  }
  return groups
}

export function putCells(into: Map<Key, Cell>, { keys, cells }: KeyGroupCells): void {
  for (let i = 0; i < keys.length; i++) into.set(keys[i], cells[i])
}
