import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weigh } from '../state-weight/weigh.ts'
import { weighCell, type Cell } from './fold.ts'

/** What a running fold holds of one key. */
export interface RunningCell {
  readonly cell: Cell
  /** Rows that are folded into it now: none left, and the key is gone. */
  rows: number
  /** The greatest event time of its records. */
  timestamp: number
}

/** Running cells by key, in the order in which keys were added. */
export interface RunningCells extends Iterable<readonly [Key, RunningCell]> {
  readonly size: number
  /** About what they weigh. */
  readonly bytes: number
  get(key: Key): RunningCell | undefined
  set(key: Key, running: RunningCell): void
  /** What `get` has given was changed. */
  changed(key: Key, running: RunningCell): void
  delete(key: Key): boolean
  clear(): void
}

/** Running cells as objects. */
export class ObjectRunningCells extends Map<Key, RunningCell> implements RunningCells {
  readonly #weight = new StateWeight(() => this.entries(), weighRunning)

  get bytes(): number {
    return this.#weight.bytes(this.size)
  }

  /** It is the cell itself that was changed. */
  changed(): void {}
}

/** About what a key takes, its place in the map included. */
function weighRunning([key, { cell }]: [Key, RunningCell]): number {
  return 104 + weigh(key) + weighCell(cell)
}

/** Cells of one key group in a snapshot, as columns of one length. */
export interface KeyGroupCells {
  readonly keys: Key[]
  readonly cells: Cell[]
  readonly rows: number[]
  readonly timestamps: number[]
}

/** Sorts cells by the group of their key: the form in which they move to other subtasks. */
export function cellsByKeyGroup(running: RunningCells): Map<number, KeyGroupCells> {
  const groups = new Map<number, KeyGroupCells>()
  for (const [key, { cell, rows, timestamp }] of running) {
    const keyGroup = keyGroupOf(key)
    let group = groups.get(keyGroup)
    if (group === undefined) groups.set(keyGroup, (group = { keys: [], cells: [], rows: [], timestamps: [] }))
    group.keys.push(key)
    group.cells.push(cell)
    group.rows.push(rows)
    group.timestamps.push(timestamp)
  }
  return groups
}

export function putCells(into: RunningCells, { keys, cells, rows, timestamps }: KeyGroupCells): void {
  for (let i = 0; i < keys.length; i++) into.set(keys[i], { cell: cells[i], rows: rows[i], timestamp: timestamps[i] })
}
