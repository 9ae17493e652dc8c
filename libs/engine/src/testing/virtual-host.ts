import type { Host } from '../subtask/ports.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/**
 * A place to run in where time stands still while anything can still be done. Yielding is a microtask, so a macrotask
 * gets its turn only when every subtask waits: then {@link runUntil} moves the clock on to the next timer.
 */
export class VirtualHost implements Host {
  readonly #timers = new Set<Timer>()
  #now: number

  constructor(now = 0) {
    this.#now = now
  }

  readonly clock = { now: () => this.#now }

  yieldToHost(): Promise<void> {
    return Promise.resolve()
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Moves the clock on, and fires the timers that are due by then. */
  advanceTo(now: number): void {
    for (const timer of [...this.#timers].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)) {
      if (!this.#timers.delete(timer)) continue
      this.#now = Math.max(this.#now, timer.at)
      timer.callback()
    }
    this.#now = Math.max(this.#now, now)
  }

  /** Runs until the promise settles. Rejects when nothing can happen any more before that. */
  async runUntil<T>(done: Promise<T>): Promise<T> {
    let settled = false
    const mark = () => {
      settled = true
    }
    done.then(mark, mark)
    while (!settled) {
      await macrotask()
      if (!settled) this.#fireNext()
    }
    return done
  }

  #fireNext(): void {
    const next = [...this.#timers].sort((a, b) => a.at - b.at)[0]
    if (next === undefined) throw new Error('Everything waits, and there is no timer that could end it.')
    this.#timers.delete(next)
    this.#now = Math.max(this.#now, next.at)
    next.callback()
  }
}

/** Browsers have no setImmediate; their shortest timer does the same, only later. */
const macrotask = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve, 0)
  })
