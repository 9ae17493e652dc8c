import type { LoggedCheckpoint } from '@lightflus/storage'

/**
 * Time between checkpoints where nobody has named one, milliseconds: the short one as long as they are small and quick. What
 * it is judged by has two bounds each, so that checkpoints about as large as one bound do not change it again and again.
 */
export const automaticInterval = {
  shortMs: 1_000,
  longMs: 10_000,
  /** Beyond one of these the interval becomes long: bytes that a checkpoint stored, and how long it took. */
  long: { bytes: 32 * 1_048_576, durationMs: 1_000 },
  /** Below both it becomes short again. */
  short: { bytes: 16 * 1_048_576, durationMs: 500 },
} as const

/** The longest that the interval may become, or null: there is none. */
export function longestInterval(intervalMs: number | 'auto' | null): number | null {
  return intervalMs === 'auto' ? automaticInterval.longMs : intervalMs
}

type Taken = Pick<LoggedCheckpoint, 'bytes' | 'bytesNew' | 'durationMs'>

export interface CheckpointPaceOptions {
  readonly intervalMs: number | 'auto' | null
  /** Least time from the end of a checkpoint to the next. */
  readonly pauseMsMin: number
  readonly now: () => number
  readonly onDue: () => void
  /** Only where nobody has named the interval: it is another from now on. */
  readonly onChange: (intervalMs: number) => void
}

/** Says when a checkpoint is due. */
export class CheckpointPace {
  readonly #options: CheckpointPaceOptions
  #intervalMs: number | null
  /** When the last checkpoint came to exist, or came to nothing. */
  #endedAt = 0
  /** When the present interval began. */
  #since = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: CheckpointPaceOptions) {
    this.#options = options
    const { intervalMs } = options
    this.#intervalMs = intervalMs === 'auto' ? automaticInterval.shortMs : intervalMs
  }

  start(): void {
    this.#since = this.#options.now()
    if (this.#intervalMs !== null) this.#dueIn(this.#intervalMs)
  }

  /** @param taken absent: it came to nothing, and says nothing of the interval */
  ended(taken?: Taken): void {
    this.#endedAt = this.#options.now()
    const intervalMs = taken && this.#options.intervalMs === 'auto' ? this.#fitting(taken) : this.#intervalMs
    if (intervalMs === null || intervalMs === this.#intervalMs) return
    this.#intervalMs = intervalMs
    this.#options.onChange(intervalMs)
    // Not before it was started: it may be what the attempt restored that is told.
    if (this.#timer) this.#dueIn(Math.max(0, this.#since + intervalMs - this.#endedAt))
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #dueIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const early = this.#endedAt + this.#options.pauseMsMin - this.#options.now()
      if (early > 0) return this.#dueIn(early)
      this.#since = this.#options.now()
      this.#dueIn(this.#intervalMs!)
      this.#options.onDue()
    }, ms)
  }

  #fitting({ bytes, bytesNew = bytes, durationMs }: Taken): number {
    const { long, short, longMs, shortMs } = automaticInterval
    if (bytesNew > long.bytes || durationMs > long.durationMs) return longMs
    if (bytesNew <= short.bytes && durationMs <= short.durationMs) return shortMs
    return this.#intervalMs!
  }
}
