import type { Key } from '@lightflus/api'
import type { FrozenState } from '../../checkpoint/frozen-state.ts'
import type { UndoLog } from '../state/undo-log.ts'
import { TimerQueue, type TimerColumns } from './timer-queue.ts'

/**
 * The timers of one kind of time. While timers fire, one that is set for later than the one that fires takes its place
 * among those to come; one for no later waits for the next time that timers fire, so that a function that sets what is
 * due already cannot keep the subtask to itself.
 */
export class TimerDomain {
  readonly #queue = new TimerQueue()
  /** Set while timers fired, for times that had been passed. */
  readonly #waiting = new TimerQueue()
  #firing = -Infinity
  readonly #undo: UndoLog | undefined

  constructor(undo: UndoLog | undefined) {
    this.#undo = undo
  }

  get size(): number {
    return this.#queue.size + this.#waiting.size
  }

  /** The least time that fires next; Infinity: there is no timer. */
  get next(): number {
    return this.#queue.next
  }

  get last(): number {
    return this.#queue.last
  }

  set(time: number, key: Key): void {
    const queue = time <= this.#firing ? this.#waiting : this.#queue
    if (queue.add(time, key)) this.#undo?.note(() => queue.delete(time, key))
  }

  delete(time: number, key: Key): void {
    const queue = time <= this.#firing ? this.#waiting : this.#queue
    if (queue.delete(time, key)) this.#undo?.note(() => queue.add(time, key))
  }

  /** Timers up to a time, as they are removed. Each step must be done with before the next is asked for. */
  *fireUntil(until: number): Generator<{ readonly time: number; readonly key: Key }, void> {
    while (this.#queue.next <= until) {
      const { time, keys } = this.#queue.take()
      this.#firing = time
      for (const key of keys) yield { time, key }
    }
    this.#firing = -Infinity
    while (this.#waiting.next < Infinity) {
      const { time, keys } = this.#waiting.take()
      for (const key of keys) this.#queue.add(time, key)
    }
  }

  snapshot(): ReadonlyMap<number, TimerColumns> {
    return this.#queue.snapshot()
  }

  freeze(): FrozenState {
    return this.#queue.freeze()
  }

  restore(groups: readonly TimerColumns[]): void {
    this.#queue.restore(groups)
  }
}
