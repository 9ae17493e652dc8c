import type { Key } from '@lightflus/api'
import { EntryCopies, type CopiedEntry, type FrozenState, type WriteState } from '../../checkpoint/frozen-state.ts'
import { keyGroupOf } from '../../key-group.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weigh } from '../state-weight/weigh.ts'
import { weighCell, type Cell } from './fold.ts'
import type { TakeCell } from './restored-fold.ts'

/** What a running fold holds of one key. */
export interface RunningCell extends CopiedEntry {
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
  /** What is there now, to be copied meanwhile. */
  freeze(): FrozenState
}

/** Running cells as objects. */
export class ObjectRunningCells extends Map<Key, RunningCell> implements RunningCells {
  readonly #weight = new StateWeight(() => this.entries(), weighRunning)
  readonly #copies = new EntryCopies<RunningCell>()

  override get(key: Key): RunningCell | undefined {
    const running = super.get(key)
    if (running !== undefined && this.#copies.isCopying) this.#copies.touch(key, running)
    return running
  }

  override set(key: Key, running: RunningCell): this {
    running.copiedIn = this.#copies.number
    return super.set(key, running)
  }

  override clear(): void {
    this.#copies.advance(Infinity)
    super.clear()
  }

  freeze(): FrozenState {
    const copies = this.#copies
    let blocks: CellBlocks | undefined
    return {
      bytes: 0,
      begin: (write) => {
        const gathered = (blocks = new CellBlocks(write))
        copies.begin(this, (key, running) => gathered.add(key, running))
      },
      advance(entries) {
        const isMore = copies.advance(entries)
        if (!isMore) blocks?.flush()
        return isMore
      },
      release: () => copies.release(),
    }
  }

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

export function putCells(into: RunningCells, { keys, cells, rows, timestamps }: KeyGroupCells, take: TakeCell): void {
  for (let i = 0; i < keys.length; i++)
    into.set(keys[i], { cell: take(cells[i], keys[i]), rows: rows[i], timestamp: timestamps[i], copiedIn: 0 })
}

/** Cells of one block: enough for the frame around it not to be felt, and few enough not to outlive a young generation. */
const blockCells = 32

/** Gathers cells by key group, and writes them a block at a time. Objects in them go on changing, so these are not kept. */
class CellBlocks {
  readonly #write: WriteState
  readonly #groups = new Map<number, KeyGroupCells>()

  constructor(write: WriteState) {
    this.#write = write
  }

  add(key: Key, { cell, rows, timestamp }: RunningCell): void {
    const keyGroup = keyGroupOf(key)
    const group = this.#groups.get(keyGroup) ?? { keys: [], cells: [], rows: [], timestamps: [] }
    if (group.keys.length === 0) this.#groups.set(keyGroup, group)
    group.keys.push(key)
    group.cells.push(cell.slice())
    group.rows.push(rows)
    group.timestamps.push(timestamp)
    if (group.keys.length === blockCells || cell.some(isObject)) this.#flush(keyGroup, group)
  }

  flush(): void {
    for (const [keyGroup, group] of this.#groups) this.#flush(keyGroup, group)
  }

  #flush(keyGroup: number, group: KeyGroupCells): void {
    this.#groups.delete(keyGroup)
    this.#write(keyGroup, group)
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
