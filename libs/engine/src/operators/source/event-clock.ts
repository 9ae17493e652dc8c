import type { SourcePartition } from '../../connector.ts'
import { maxWatermark, minWatermark, type RecordBatch } from '../../record.ts'
import type { ClockGuard } from '../../watermark/clock-guard.ts'
import { MergedWatermark } from '../../watermark/merged-watermark.ts'
import type { PartitionWatermark, WatermarkStrategy } from '../../watermark/watermark-strategy.ts'

export interface EventClockOptions {
  /** How the watermark of a partition follows from its records. */
  readonly strategy: WatermarkStrategy
  readonly guard: ClockGuard
  /** How long a partition must have been read to its end before it is idle, milliseconds; null: never. */
  readonly idlenessMs: number | null
}

/** Most time between two observations that counts for idleness, milliseconds: about two pauses of an idle reader. */
const observationGapMsMax = 100

/** What a checkpoint keeps: watermarks by partition, and the one that was made of them. */
export interface EventClockState {
  readonly watermark: number
  readonly partitions: { readonly [partition: string]: number }
  /** What the strategy remembers of partitions, where it does. */
  readonly strategies?: { readonly [partition: string]: unknown }
}

/**
 * The watermark of one subtask of a source: for each partition what the strategy makes of its records, and of all
 * partitions the least. A partition holds it back from the moment it is known until its first record, until it has
 * ended, or until it proves idle: read to its end for the whole timeout. Time in which the source was not asked, since
 * what follows it was slow, proves nothing and hardly counts.
 */
export class EventClock {
  readonly #options: EventClockOptions
  readonly #merged: MergedWatermark<string>
  /** Each partition's own watermark, which a checkpoint keeps even when the partition has ended. */
  readonly #watermarks: Map<string, number>
  readonly #strategies = new Map<string, PartitionWatermark>()
  readonly #restored: EventClockState['strategies']
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
    this.#restored = restored?.strategies
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
    this.#merged.set(partition, this.watermarkOf(partition), false)
    return this.#merged.advance()
  }

  /**
   * A batch of the partition was read: its watermark comes with the next {@link observe}.
   * @param newest event time in the batch, or noTimestamp.
   * @returns the batch without the records on which a function of the strategy failed.
   */
  take(partition: string, batch: RecordBatch, newest: number): RecordBatch {
    const taken = this.#options.guard.take(this.#strategyOf(partition), batch, newest)
    this.#raise(partition, taken.watermark)
    this.#caughtUpSince.delete(partition)
    return taken.batch
  }

  /**
   * Takes into account what the reader knows of its partitions right after a poll.
   * @param now of the host's clock, milliseconds.
   * @returns whether the watermark or the idleness is another than before.
   */
  observe(partitions: readonly SourcePartition[], now: number): boolean {
    this.#count(now)
    for (const { name, ended, caughtUp, watermark } of partitions) {
      if (watermark !== undefined) this.#watermarks.set(name, Math.max(watermark, this.watermarkOf(name)))
      if (!caughtUp) this.#caughtUpSince.delete(name)
      else if (!this.#caughtUpSince.has(name)) this.#caughtUpSince.set(name, this.#countedMs)
      const periodic = this.#strategyOf(name).onPeriodic(now)
      if (periodic > minWatermark && periodic <= this.#options.guard.limit()) this.#raise(name, periodic)
      this.#merged.set(name, ended ? maxWatermark : this.watermarkOf(name), this.#isIdle(name))
    }
    this.#forget(partitions)
    return this.#merged.advance()
  }

  /** All input is read. */
  end(): void {
    this.#ended = true
  }

  /** How far a partition is; minWatermark where nothing was read of it. */
  watermarkOf(name: string): number {
    return this.#watermarks.get(name) ?? minWatermark
  }

  snapshot(): EventClockState {
    const names = [...this.#merged.ids()]
    const strategies = names
      .map((name) => [name, this.#strategyOf(name).snapshot()] as const)
      .filter(([, state]) => state !== undefined)
    return {
      watermark: this.watermark,
      partitions: Object.fromEntries(names.map((name) => [name, this.watermarkOf(name)])),
      ...(strategies.length > 0 && { strategies: Object.fromEntries(strategies) }),
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

  #raise(name: string, watermark: number): void {
    this.#watermarks.set(name, Math.max(watermark, this.watermarkOf(name)))
  }

  #strategyOf(name: string): PartitionWatermark {
    let strategy = this.#strategies.get(name)
    if (strategy === undefined) this.#strategies.set(name, (strategy = this.#options.strategy(this.#restored?.[name])))
    return strategy
  }

  /** Partitions that have gone to another subtask must not hold back this one's watermark. */
  #forget(partitions: readonly SourcePartition[]): void {
    const known = new Set(partitions.map(({ name }) => name))
    for (const name of [...this.#merged.ids()]) {
      if (known.has(name)) continue
      this.#merged.delete(name)
      this.#strategies.delete(name)
      this.#caughtUpSince.delete(name)
    }
  }
}
