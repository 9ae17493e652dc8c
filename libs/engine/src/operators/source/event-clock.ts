import type { SourcePartition } from '../../connector.ts'
import { maxWatermark, minWatermark, noTimestamp } from '../../record.ts'
import { MergedWatermark } from '../../watermark/merged-watermark.ts'

export interface EventClockOptions {
  /** How far a partition's watermark stays behind its newest record, milliseconds. */
  readonly outOfOrdernessMs: number
  /** How long a partition must have been read to its end before it is idle, milliseconds; null: never. */
  readonly idlenessMs: number | null
}

/** Most time between two observations that counts for idleness, milliseconds: about two pauses of an idle reader. */
const observationGapMsMax = 100

/** What a checkpoint keeps: watermarks by partition, and the one that was made of them. */
export interface EventClockState {
  readonly watermark: number
  readonly partitions: { readonly [partition: string]: number }
}

/**
 * The watermark of one subtask of a source: for each partition the newest event time less the out-of-orderness, and of
 * all partitions the least. A partition holds it back from the moment it is known until its first record, until it has
 * ended, or until it proves idle: read to its end for the whole timeout. Time in which the source was not asked, since
 * what follows it was slow, proves nothing and hardly counts.
 */
export class EventClock {
  readonly #options: EventClockOptions
  readonly #merged: MergedWatermark<string>
  /** Each partition's own watermark, which a checkpoint keeps even when the partition has ended. */
  readonly #watermarks: Map<string, number>
  /** Since when a partition has been seen at its end without a break, in time that counts. */
  readonly #caughtUpSince = new Map<string, number>()
  /** Time that counts for idleness, milliseconds. */
  #countedMs = 0
  #observedAt: number | undefined
  #ended = false

  constructor(options: EventClockOptions, restored: EventClockState | undefined) {
    this.#options = options
    this.#merged = new MergedWatermark(restored?.watermark)
    this.#watermarks = new Map(Object.entries(restored?.partitions ?? {}))
  }

  get watermark(): number {
    return this.#ended ? maxWatermark : this.#merged.timestamp
  }

  get idle(): boolean {
    return !this.#ended && this.#merged.idle
  }

  /** A batch of the partition is about to be taken. True when that ends the idleness of all. */
  wakes(partition: string): boolean {
    if (!this.#merged.idle) return false
    this.#merged.set(partition, this.#watermarkOf(partition), false)
    return this.#merged.advance()
  }

  /** @param newest event time in a batch of the partition that was taken, or noTimestamp. */
  recordsTaken(partition: string, newest: number): void {
    const watermark = newest === noTimestamp ? minWatermark : newest - this.#options.outOfOrdernessMs
    this.#watermarks.set(partition, Math.max(watermark, this.#watermarkOf(partition)))
    this.#caughtUpSince.delete(partition)
  }

  /**
   * Takes into account what the reader knows of its partitions right after a poll.
   * @param now of the host's clock, milliseconds.
   * @returns whether the watermark or the idleness is another than before.
   */
  observe(partitions: readonly SourcePartition[], now: number): boolean {
    this.#count(now)
    for (const { name, ended, caughtUp, watermark } of partitions) {
      if (watermark !== undefined) this.#watermarks.set(name, Math.max(watermark, this.#watermarkOf(name)))
      if (!caughtUp) this.#caughtUpSince.delete(name)
      else if (!this.#caughtUpSince.has(name)) this.#caughtUpSince.set(name, this.#countedMs)
      this.#merged.set(name, ended ? maxWatermark : this.#watermarkOf(name), this.#isIdle(name))
    }
    this.#forget(partitions)
    return this.#merged.advance()
  }

  /** All input is read. */
  end(): void {
    this.#ended = true
  }

  snapshot(): EventClockState {
    return {
      watermark: this.watermark,
      partitions: Object.fromEntries([...this.#merged.ids()].map((name) => [name, this.#watermarkOf(name)])),
    }
  }

  /** A long pause between two observations counts for little: nobody saw whether the partition stayed at its end. */
  #count(now: number): void {
    const most = Math.min(observationGapMsMax, (this.#options.idlenessMs ?? 0) / 4)
    const passed = now - (this.#observedAt ?? now)
    this.#countedMs += Math.max(0, Math.min(passed, most))
    this.#observedAt = now
  }

  #isIdle(name: string): boolean {
    const since = this.#caughtUpSince.get(name)
    const { idlenessMs } = this.#options
    return idlenessMs !== null && since !== undefined && this.#countedMs - since >= idlenessMs
  }

  #watermarkOf(name: string): number {
    return this.#watermarks.get(name) ?? minWatermark
  }

  /** Partitions that have gone to another subtask must not hold back this one's watermark. */
  #forget(partitions: readonly SourcePartition[]): void {
    const known = new Set(partitions.map(({ name }) => name))
    for (const name of [...this.#merged.ids()]) {
      if (known.has(name)) continue
      this.#merged.delete(name)
      this.#caughtUpSince.delete(name)
    }
  }
}
