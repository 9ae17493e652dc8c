import { LightflusError } from '@lightflus/api'
import type { ConnectorContext, SourceBatch, SourcePartition, SourcePositions, SourceReader } from '@lightflus/engine'
import { randomOf } from './random.ts'

export interface GeneratorOptions {
  /** Records over all partitions; null: no end. */
  readonly count: number | null
  /** Records per second over all partitions; null: as fast as they are taken. */
  readonly perSecond: number | null
  readonly partitions: number
  readonly seed: number
}

type Generate = (index: number, context: { random: () => number; time: number; partition: number }) => unknown

/** A timer cannot be set further ahead, milliseconds; it is set again then. */
const timerMsMax = 60_000

/** Partition p of n makes the indexes p, p + n, p + 2n … */
interface Partition {
  readonly number: number
  readonly name: string
  /** The index that comes next. */
  next: number
  /** When index 0 was due, milliseconds since the epoch. It is restored, so that times are the same again. */
  startedAt: number
}

/**
 * Makes records up. What a record is depends on seed, index and the start's time alone, so a restored run yields what
 * the uninterrupted one would have. With a rate, records that fell due while the job stood still come at once.
 */
export class GeneratorSource implements SourceReader {
  readonly bounded: boolean
  readonly #context: ConnectorContext<'source'>
  readonly #options: GeneratorOptions
  readonly #generate: Generate
  #partitions: Partition[] = []
  /** Names of those that nothing is to be made of now. */
  #held: ReadonlySet<string> = new Set()
  #timer: NodeJS.Timeout | undefined
  /** Whose turn it is. */
  #turn = 0

  constructor(context: ConnectorContext<'source'>) {
    this.#context = context
    this.#options = context.operator.node.options['connector'] as unknown as GeneratorOptions
    this.#generate = context.operator.functions.connector!['generate'] as Generate
    this.bounded = this.#options.count !== null
  }

  open(restored: SourcePositions | undefined): Promise<void> {
    const { index, parallelism } = this.#context.subtask
    const now = this.#context.clock.now()
    for (let number = index; number < this.#options.partitions; number += parallelism)
      this.#partitions.push({ number, name: nameOf(number), next: number, startedAt: now })
    if (restored) this.#restore(restored)
    return Promise.resolve()
  }

  #restore(restored: SourcePositions): void {
    const count = Object.keys(restored).length
    if (count !== this.#options.partitions)
      throw new LightflusError(
        'LF_SOURCE_POSITION',
        `The checkpoint holds positions of ${count} partitions of a generator, but the program now has ${this.#options.partitions}`,
      )
    for (const partition of this.#partitions) {
      const position = restored[partition.name] as { readonly next: number; readonly startedAt: number }
      partition.next = position.next
      partition.startedAt = position.startedAt
    }
  }

  hold(partitions: ReadonlySet<string>): void {
    this.#held = partitions
  }

  poll(recordsMax: number): SourceBatch | undefined {
    const batch = this.#next(recordsMax)
    if (!batch) this.#wakeWhenDue()
    return batch
  }

  #wakeWhenDue(): void {
    const open = this.#partitions.filter((partition) => !this.#hasEnded(partition))
    if (this.#timer || open.length === 0) return
    const nextDue = Math.min(...open.map((partition) => this.#timeOf(partition, partition.next)))
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#context.wake()
      },
      Math.min(Math.max(1, nextDue - this.#context.clock.now()), timerMsMax),
    )
  }

  /** The batch of the next partition that has due records. */
  #next(recordsMax: number): SourceBatch | undefined {
    const now = this.#context.clock.now()
    for (let tried = 0; tried < this.#partitions.length; tried++) {
      const partition = this.#partitions[this.#turn++ % this.#partitions.length]!
      const count = this.#held.has(partition.name) ? 0 : Math.min(recordsMax, this.#dueOf(partition, now))
      if (count > 0) return this.#make(partition, count)
    }
    return undefined
  }

  #make(partition: Partition, count: number): SourceBatch {
    const { seed, partitions } = this.#options
    const payloads: unknown[] = []
    const positions: number[] = []
    const timestamps: number[] = []
    let bytes = 0
    for (let made = 0; made < count; made++) {
      const index = partition.next
      const time = this.#timeOf(partition, index)
      partition.next += partitions
      try {
        const payload = this.#generate(index, { random: randomOf(seed, index), time, partition: partition.number })
        payloads.push(payload)
        positions.push(index)
        timestamps.push(time)
        if (typeof payload === 'string') bytes += payload.length
      } catch (thrown) {
        this.#context.rejectRecord(thrown, { partition: partition.name, position: index })
      }
    }
    return { partition: partition.name, payloads, positions, timestamps, bytes }
  }

  #timeOf(partition: Partition, index: number): number {
    const { perSecond } = this.#options
    return partition.startedAt + Math.floor(perSecond === null ? index : (index * 1_000) / perSecond)
  }

  /** Records of the partition that are due and not made yet. */
  #dueOf(partition: Partition, now: number): number {
    const { count, perSecond, partitions } = this.#options
    const dueEnd = perSecond === null ? Infinity : ((now - partition.startedAt) * perSecond) / 1_000 + 1
    const end = Math.min(count ?? Infinity, dueEnd)
    return Math.max(0, Math.ceil((end - partition.next) / partitions))
  }

  #hasEnded(partition: Partition): boolean {
    return this.#options.count !== null && partition.next >= this.#options.count
  }

  partitions(): readonly SourcePartition[] {
    const now = this.#context.clock.now()
    return this.#partitions.map((partition) => {
      const lag = this.#dueOf(partition, now)
      const { name } = partition
      return { name, ended: this.#hasEnded(partition), caughtUp: lag === 0, ...(Number.isFinite(lag) ? { lag } : {}) }
    })
  }

  positions(): SourcePositions {
    return Object.fromEntries(this.#partitions.map(({ name, next, startedAt }) => [name, { next, startedAt }]))
  }

  close(): Promise<void> {
    clearTimeout(this.#timer)
    return Promise.resolve()
  }
}

const nameOf = (number: number): string => `generator/${number}`
