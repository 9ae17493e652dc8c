import { setImmediate } from 'node:timers'
import { bellStride } from './ring-layout.ts'

/** An end of a ring that can do nothing now: the receiver of an empty one, or the sender of a full one. */
export interface Waiter {
  /** Whether it can go on. */
  isReady(): boolean
  goOn(): void
}

/**
 * Wakes what waits at the rings of a slot. As long as the slot's thread is busy with other things it looks itself, once in
 * each turn of its loop: that costs a few loads, where a message costs microseconds at either end. Only when nothing
 * else goes on does it say that it sleeps, and is then woken by one message of whoever next changes one of its rings.
 *
 * A change cannot be missed: a sleeper stores that it sleeps and then looks once more; its peer changes the ring and then
 * looks for sleepers. One of both looks comes last, and all stores and loads are atomic.
 */
export class Bell {
  readonly #asleep: Int32Array
  readonly #slot: number
  readonly #ring: (slot: number) => void
  readonly #beats: () => number
  readonly #waiters = new Set<Waiter>()
  #beatsSeen = -1
  #turn: NodeJS.Immediate | undefined

  constructor(options: {
    /** Begins with a cell for each slot: see ring-layout.ts. */
    readonly memory: SharedArrayBuffer
    readonly slot: number
    /** Sends a message that calls `rung` there. */
    readonly ring: (slot: number) => void
    /** A count that rises with every batch that is worked on in this thread. */
    readonly beats: () => number
  }) {
    this.#asleep = new Int32Array(options.memory)
    this.#slot = options.slot
    this.#ring = options.ring
    this.#beats = options.beats
  }

  /** Until it is ready, which then ends the waiting. More than once is harmless. */
  wait(waiter: Waiter): void {
    this.#waiters.add(waiter)
    this.#turn ??= setImmediate(this.#look)
  }

  callOff(waiter: Waiter): void {
    this.#waiters.delete(waiter)
  }

  /** Tells a slot that a ring has changed for which it waits. */
  ring(slot: number): void {
    const cell = slot * bellStride
    if (Atomics.load(this.#asleep, cell) === 0 || Atomics.exchange(this.#asleep, cell, 0) === 0) return
    this.#ring(slot)
  }

  /** The message of a peer has come. */
  rung(): void {
    if (this.#turn === undefined) this.#look()
  }

  readonly #look = (): void => {
    this.#turn = undefined
    this.#wakeReady()
    if (this.#waiters.size === 0) return
    const beats = this.#beats()
    if (beats === this.#beatsSeen) {
      Atomics.store(this.#asleep, this.#slot * bellStride, 1)
      if (!this.#wakeReady()) return
      Atomics.store(this.#asleep, this.#slot * bellStride, 0)
    }
    this.#beatsSeen = beats
    this.#turn = setImmediate(this.#look)
  }

  #wakeReady(): boolean {
    let woken = false
    for (const waiter of this.#waiters) {
      if (!waiter.isReady()) continue
      this.#waiters.delete(waiter)
      waiter.goOn()
      woken = true
    }
    return woken
  }
}
