import type { Key } from '@lightflus/api'
import { hashKey } from '../../key-group.ts'
import type { Cell, Fold } from '../fold/fold.ts'
import type { SliceCells } from './slice-cells.ts'
import { SliceQueue } from './slice-queue.ts'

/** The settled slices of the newest window, of all keys: what a window that slides over them holds. */
export interface SlidingSlices {
  /** Whether no key has records in them. */
  readonly isEmpty: boolean
  /** @param start later than all before. */
  push(start: number, cells: SliceCells): void
  /** A record has come late: the cell of a key in a slice has changed, or is new. Both may be new slices, too. */
  update(start: number, cells: SliceCells, key: Key, before: Cell | undefined): void
  /** What each key has in a window. Not to be changed: a cell may be that of a slice; nor kept: the pairs may be one. */
  window(windowStart: number): Iterable<readonly [Key, Cell]>
  /** Lets go of the slices that begin before that. */
  dropBefore(windowStart: number): void
}

/** A queue of slices for each key: see {@link SliceQueue}. */
export class QueuedSlices implements SlidingSlices {
  readonly #fold: Fold
  readonly #turnsOver: number
  readonly #queues = new Map<Key, SliceQueue>()

  /** @param slicesOfWindow how many there are at most. */
  constructor(fold: Fold, slicesOfWindow: number) {
    this.#fold = fold
    this.#turnsOver = slicesOfWindow
  }

  get isEmpty(): boolean {
    return this.#queues.size === 0
  }

  push(start: number, cells: SliceCells): void {
    for (const [key, cell] of cells) this.#queueOf(key).push(start, cell)
  }

  update(start: number, cells: SliceCells, key: Key): void {
    this.#queueOf(key).update(start, cells.get(key)!)
  }

  *window(windowStart: number): Generator<readonly [Key, Cell], void> {
    for (const [key, queue] of this.#queues) {
      queue.dropBefore(windowStart)
      if (queue.length === 0) this.#queues.delete(key)
      else yield [key, queue.join()]
    }
  }

  /** Each key does so when it is asked for its window. */
  dropBefore(): void {}

  #queueOf(key: Key): SliceQueue {
    let queue = this.#queues.get(key)
    if (queue === undefined) this.#queues.set(key, (queue = new SliceQueue(this.#fold, this.#firstTurnOf(key))))
    return queue
  }

  /** Spread evenly over as many slices as a window has. */
  #firstTurnOf(key: Key): number {
    return 2 + ((hashKey(key) >>> 0) % this.#turnsOver)
  }
}
