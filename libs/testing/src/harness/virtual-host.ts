import type { Host } from '@lightflus/engine'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A place to run in whose clock moves only when it is told to. */
export class VirtualHost implements Host {
  readonly #timers = new Set<Timer>()
  #now: number

  constructor(now: number) {
    this.#now = now
  }

  readonly clock = { now: () => this.#now }

  /** A microtask: so a macrotask has its turn only when every subtask waits. */
  yieldToHost(): Promise<void> {
    return Promise.resolve()
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** When the next timer is due, milliseconds; Infinity: there is none. */
  get nextDue(): number {
    let due = Infinity
    for (const { at } of this.#timers) due = Math.min(due, at)
    return due
  }

  /** Moves the clock on, never back, and fires what is due by then. */
  moveTo(now: number): void {
    this.#now = Math.max(this.#now, now)
    const due = [...this.#timers].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at)
    for (const timer of due) if (this.#timers.delete(timer)) timer.callback()
  }
}
