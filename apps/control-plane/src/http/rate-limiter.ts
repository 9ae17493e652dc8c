export interface RateLimit {
  readonly requestsMax: number
  readonly windowMs: number
}

interface Window {
  startedAt: number
  count: number
  countBefore: number
}

/** Keys remembered at a time; beyond it the one unused for longest is forgotten, which errs on the side of the caller. */
const keysMax = 10_000

/**
 * Counts requests by key in a sliding window: the present fixed window and the share of the one before that still
 * overlaps. Two numbers a key, however many requests. Counts are this process's own: behind n control planes a caller
 * may send up to n times as much.
 */
export class RateLimiter {
  readonly #windows = new Map<string, Window>()

  /** Counts a request. Returns 0 if it may go on, else the milliseconds until one may. */
  take(key: string, { requestsMax, windowMs }: RateLimit, now: number): number {
    const window = this.#window(key, windowMs, now)
    const passed = (now - window.startedAt) / windowMs
    if (window.count + window.countBefore * (1 - passed) >= requestsMax) return Math.max(1, windowMs * (1 - passed))
    window.count++
    return 0
  }

  #window(key: string, windowMs: number, now: number): Window {
    const known = this.#windows.get(key)
    this.#windows.delete(key)
    const start = now - (now % windowMs)
    const window =
      known?.startedAt === start
        ? known
        : { startedAt: start, count: 0, countBefore: known?.startedAt === start - windowMs ? known.count : 0 }
    this.#windows.set(key, window)
    if (this.#windows.size > keysMax) this.#windows.delete(this.#windows.keys().next().value as string)
    return window
  }
}
