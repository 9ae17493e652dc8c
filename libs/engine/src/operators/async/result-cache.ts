import type { Key } from '@lightflus/api'
import type { Clock } from '../../connector.ts'

export interface ResultCacheOptions {
  /** How long a result is remembered, milliseconds. */
  readonly ttlMs: number
  /** Results kept; beyond it the one that was not used for longest makes room. */
  readonly entriesMax: number
}

export interface CachedResult {
  readonly value: unknown
  readonly until: number
}

/** Remembers results by key for a while. It is in no snapshot: an attempt begins with an empty one. */
export class ResultCache {
  readonly #options: ResultCacheOptions
  readonly #clock: Clock
  /** The one that was not used for longest first. */
  readonly #results = new Map<Key, CachedResult>()

  constructor(options: ResultCacheOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  /** Undefined: not there, or too old. */
  get(key: Key): CachedResult | undefined {
    const found = this.#results.get(key)
    if (found === undefined) return undefined
    this.#results.delete(key)
    if (this.#clock.now() >= found.until) return undefined
    this.#results.set(key, found)
    return found
  }

  set(key: Key, value: unknown): void {
    this.#results.delete(key)
    this.#results.set(key, { value, until: this.#clock.now() + this.#options.ttlMs })
    if (this.#results.size > this.#options.entriesMax) this.#results.delete(this.#results.keys().next().value!)
  }
}
