import {
  type ConsumeOptions,
  type QueueName,
  retriesMax,
  type WakeErrorListener,
  type WakeHandler,
  type WorkQueue,
} from './work-queue.ts'
import { retryDelay } from './retry-delay.ts'

/** One key that is waiting, being handled, or both. A key without an entry has nothing to do. */
interface Entry {
  /** When the handler is due, by `performance.now()`; null while no wake-up waits. */
  dueAt: number | null
  timer: NodeJS.Timeout | undefined
  running: boolean
  /** How often the handler has thrown in a row. */
  failures: number
}

interface Lane {
  readonly name: QueueName
  readonly entries: Map<string, Entry>
  /** Keys whose time has come but for which no handler is free, first come first served. */
  readonly ready: Set<string>
  handler: WakeHandler | undefined
  concurrency: number
  running: number
}

/**
 * The driver for one control plane without Redis. Wake-ups live in this process's memory and end with it: the next
 * start's periodic pass finds what they were about.
 */
export class InProcessQueue implements WorkQueue {
  readonly kind = 'in-process'
  readonly #lanes = new Map<QueueName, Lane>()
  readonly #intervals = new Map<string, NodeJS.Timeout>()
  readonly #onError: WakeErrorListener
  readonly #idle = new Set<() => void>()
  #closed = false

  constructor(onError: WakeErrorListener) {
    this.#onError = onError
  }

  async wake(queue: QueueName, key: string, options: { readonly delayMs?: number } = {}): Promise<void> {
    if (!this.#closed) this.#schedule(this.#lane(queue), key, options.delayMs ?? 0)
  }

  async every(queue: QueueName, key: string, intervalMs: number): Promise<void> {
    if (this.#closed) return
    const id = `${queue} ${key}`
    clearInterval(this.#intervals.get(id))
    const lane = this.#lane(queue)
    this.#intervals.set(
      id,
      setInterval(() => this.#schedule(lane, key, 0), intervalMs),
    )
    this.#schedule(lane, key, 0)
  }

  consume(queue: QueueName, handler: WakeHandler, options: ConsumeOptions): void {
    const lane = this.#lane(queue)
    if (lane.handler) throw new Error(`Queue ${queue} already has a handler in this process.`)
    lane.handler = handler
    lane.concurrency = options.concurrency
    this.#startReady(lane)
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.#closed = true
    for (const interval of this.#intervals.values()) clearInterval(interval)
    this.#intervals.clear()
    for (const lane of this.#lanes.values()) {
      for (const entry of lane.entries.values()) clearTimeout(entry.timer)
      lane.ready.clear()
    }
    if (this.#running() > 0) await new Promise<void>((resolve) => this.#idle.add(resolve))
  }

  #lane(name: QueueName): Lane {
    let lane = this.#lanes.get(name)
    if (!lane) {
      lane = { name, entries: new Map(), ready: new Set(), handler: undefined, concurrency: 0, running: 0 }
      this.#lanes.set(name, lane)
    }
    return lane
  }

  #running(): number {
    let running = 0
    for (const lane of this.#lanes.values()) running += lane.running
    return running
  }

  /** Merges a wake-up into what waits for the key already: the sooner of the two stays. */
  #schedule(lane: Lane, key: string, delayMs: number): void {
    let entry = lane.entries.get(key)
    if (!entry) {
      entry = { dueAt: null, timer: undefined, running: false, failures: 0 }
      lane.entries.set(key, entry)
    }
    const dueAt = performance.now() + delayMs
    if (entry.dueAt !== null && entry.dueAt <= dueAt) return
    entry.dueAt = dueAt
    clearTimeout(entry.timer)
    // A key in hand waits for its handler: #run schedules what came meanwhile when that has ended.
    if (!entry.running) this.#arm(lane, key, entry)
  }

  #arm(lane: Lane, key: string, entry: Entry): void {
    const delayMs = (entry.dueAt ?? 0) - performance.now()
    const makeReady = () => {
      lane.ready.add(key)
      this.#startReady(lane)
    }
    if (delayMs > 0) entry.timer = setTimeout(makeReady, delayMs)
    else makeReady()
  }

  #startReady(lane: Lane): void {
    for (const key of lane.ready) {
      if (this.#closed || !lane.handler || lane.running >= lane.concurrency) return
      lane.ready.delete(key)
      const entry = lane.entries.get(key)
      if (entry) void this.#run(lane, key, entry, lane.handler)
    }
  }

  async #run(lane: Lane, key: string, entry: Entry, handler: WakeHandler): Promise<void> {
    lane.running += 1
    entry.running = true
    entry.dueAt = null
    let retryMs: number | null = null
    try {
      // Later than the wake-up that started it: a caller of `wake` never runs the handler inside its own call.
      await new Promise((resolve) => setImmediate(resolve))
      await handler(key)
      entry.failures = 0
    } catch (error) {
      entry.failures += 1
      if (entry.failures <= retriesMax) retryMs = retryDelay(entry.failures)
      else entry.failures = 0
      this.#onError(lane.name, key, error)
    }
    entry.running = false
    lane.running -= 1
    if (this.#closed) {
      if (this.#running() === 0) for (const resolve of this.#idle) resolve()
      return
    }
    if (retryMs !== null) this.#scheduleRetry(lane, key, entry, retryMs)
    else if (entry.dueAt !== null) this.#arm(lane, key, entry)
    else lane.entries.delete(key)
    this.#startReady(lane)
  }

  /** A wake-up that came during the failed run does not shorten the delay: what broke the handler is likely still so. */
  #scheduleRetry(lane: Lane, key: string, entry: Entry, retryMs: number): void {
    entry.dueAt = performance.now() + retryMs
    this.#arm(lane, key, entry)
  }
}
