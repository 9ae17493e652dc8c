import type { WatermarkKind } from '@lightflus/api'
import type { OperatorRestore } from '../../checkpoint/snapshot.ts'
import type { SourceBatch, SourcePositions, SourceReader } from '../../connector.ts'
import { maxWatermark, type RecordBatch } from '../../record.ts'
import type { AlignmentPort } from '../../watermark/alignment.ts'
import { ClockGuard } from '../../watermark/clock-guard.ts'
import { createWatermarkStrategy } from '../../watermark/watermark-strategy.ts'
import type { OperatorContext, OperatorState } from '../operator.ts'
import { assertShape } from '../restored-shape.ts'
import type { ReadRecords } from '../../compiled/compile-reader.ts'
import { EventClock, type EventClockState } from './event-clock.ts'
import { createRecordDecoder } from './record-decoder.ts'

/** Checkpoints whose completion may be outstanding: more than these were given up long ago. */
const openCheckpointsMax = 16

interface SourceState {
  /** The connector's kind: positions mean nothing to another. */
  readonly shape: string
  readonly positions: SourcePositions
  readonly clock: EventClockState
  readonly ended: boolean
}

export type ReadPayloads = (read: SourceBatch, from: number) => ReadRecords

/** The graph's form of the time options: see libs/api/src/source-time.ts. */
interface TimeOptions {
  readonly watermark: WatermarkKind
  readonly maxClockAheadMs: number | null
  readonly idlenessMs: number | null
  readonly alignment: { readonly maxDriftMs: number } | null
}

/**
 * Drives a connector's reader: decodes and validates what it reads, gives each record its event time, and keeps the
 * watermark ({@link EventClock}). A snapshot holds the positions and watermarks of its partitions. Restored, every
 * subtask is given all positions and takes those of its own partitions; if all subtasks had ended, the source has ended
 * and reads nothing more, whatever has been written outside since.
 *
 * A source that is aligned with others is not polled, or only for those of its partitions that are not too far ahead,
 * until the others have caught up.
 */
export class Source {
  readonly #context: OperatorContext<'source'>
  readonly #reader: SourceReader
  readonly #alignment: AlignmentPort | undefined
  #read: ReadPayloads
  readonly #positionsOf = new Map<number, SourcePositions>()
  #events: EventClock
  #restored: SourcePositions | undefined
  #ended = false
  #isOpen = false
  /** What the reader was last told not to read. */
  #held: ReadonlySet<string> = new Set()

  constructor(context: OperatorContext<'source'>, reader: SourceReader, alignment?: AlignmentPort) {
    this.#context = context
    this.#reader = reader
    this.#alignment = alignment
    const decode = createRecordDecoder(context.operator.functions, context.failures)
    this.#read = (read) => ({ ...decode(read), next: read.payloads.length })
    this.#events = this.#createEvents(undefined)
  }

  /** From now on records are made so, in a way that equals the plain one. */
  readBy(read: ReadPayloads): void {
    this.#read = read
  }

  /** Nothing more will be read: the reader is at its end, or was told to be by {@link end}. */
  get ended(): boolean {
    return this.#ended
  }

  get watermark(): number {
    return this.#events.watermark
  }

  get idle(): boolean {
    return this.#events.idle
  }

  /** Whether a reader that had nothing has to be asked again by and by, if only to see what time alone changes. */
  get mustBeAsked(): boolean {
    const { idlenessMs, watermark } = this.#time
    return !this.#reader.wakesReliably || idlenessMs !== null || watermark.kind === 'custom'
  }

  restore({ subtasks }: OperatorRestore): void {
    const states = subtasks as SourceState[]
    if (states.length === 0) return
    for (const { shape } of states) assertShape(this.#context, shape, this.#shape())
    this.#restored = Object.assign({}, ...states.map(({ positions }) => positions)) as SourcePositions
    this.#ended = states.every(({ ended }) => ended)
    const clocks = states.map(({ clock }) => clock)
    this.#events = this.#createEvents({
      // The least: this subtask may own partitions of the one that was behind.
      watermark: Math.min(...clocks.map(({ watermark }) => watermark)),
      partitions: Object.assign({}, ...clocks.map(({ partitions }) => partitions)) as EventClockState['partitions'],
      strategies: Object.assign(
        {},
        ...clocks.map(({ strategies }) => strategies),
      ) as EventClockState['strategies'] & {},
    })
  }

  async open(): Promise<void> {
    if (this.#ended) return this.end()
    this.#isOpen = true
    await this.#reader.open(this.#restored)
    this.observe()
  }

  /** Too far ahead of the sources that it is aligned with: not to be polled now. */
  isHeld(): boolean {
    const { alignment } = this.#time
    if (this.#alignment === undefined || alignment === null) return false
    const limit = this.#alignment.least() + alignment.maxDriftMs
    if (this.#reader.hold === undefined) return this.#events.watermark > limit
    const live = this.#reader.partitions().filter(({ ended }) => !ended)
    const held = new Set(live.map(({ name }) => name).filter((name) => this.#events.watermarkOf(name) > limit))
    const isAsBefore = held.size === this.#held.size && [...held].every((name) => this.#held.has(name))
    if (!isAsBefore) this.#reader.hold((this.#held = held))
    return live.length > 0 && held.size === live.length
  }

  poll(recordsMax: number): SourceBatch | undefined | Promise<SourceBatch | undefined> {
    return this.#reader.poll(recordsMax)
  }

  /** Before `take`: true when {@link idle} has changed, which those downstream must know before the records. */
  wakes(read: SourceBatch): boolean {
    return this.#events.wakes(read.partition)
  }

  /**
   * What was polled, as records, or as many of them as are made at once. Call `observe` once all have been processed: their
   * watermark comes after them.
   * @param from the first payload that has not been taken.
   * @returns the records, and the next `from`.
   */
  take(read: SourceBatch, from: number): { batch: RecordBatch; next: number } {
    const { metrics } = this.#context
    if (from === 0) metrics.bytesIn += read.bytes
    const { batch, newest, next } = this.#read(read, from)
    metrics.recordsIn += next - from
    return { batch: this.#events.take(read.partition, batch, newest), next }
  }

  /** After each poll, and after its records. True when {@link watermark} or {@link idle} has changed. */
  observe(): boolean {
    const partitions = this.#reader.partitions()
    this.#ended = this.#reader.bounded && partitions.every(({ ended }) => ended)
    const lags = partitions.flatMap(({ lag }) => (lag === undefined ? [] : [lag]))
    this.#context.metrics.lag = lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0)
    const changed = this.#events.observe(partitions, this.#context.host.clock.now())
    this.#reportProgress()
    return changed
  }

  /** Reads no more. */
  end(): void {
    this.#ended = true
    this.#events.end()
    this.#reportProgress()
  }

  snapshot(checkpoint: number | undefined): OperatorState {
    const positions = this.#isOpen ? this.#reader.positions() : (this.#restored ?? {})
    if (checkpoint !== undefined) this.#remember(checkpoint, positions)
    const state: SourceState = {
      shape: this.#shape(),
      positions,
      clock: this.#events.snapshot(),
      ended: this.#ended,
    }
    return { subtask: state, keyGroups: new Map() }
  }

  checkpointCompleted(checkpoint: number): void {
    const positions = this.#positionsOf.get(checkpoint)
    for (const older of [...this.#positionsOf.keys()]) if (older <= checkpoint) this.#positionsOf.delete(older)
    if (positions !== undefined) this.#reader.onCheckpointComplete?.(positions)
  }

  async close(): Promise<void> {
    if (this.#isOpen) await this.#reader.close()
  }

  /** Nobody waits for a source that is idle or has ended. */
  #reportProgress(): void {
    this.#alignment?.report(this.#ended || this.idle ? maxWatermark : this.watermark)
  }

  #createEvents(restored: EventClockState | undefined): EventClock {
    const { operator, failures, metrics, host, log } = this.#context
    const { watermark, maxClockAheadMs, idlenessMs } = this.#time
    return new EventClock(
      {
        strategy: createWatermarkStrategy(watermark, operator.functions.watermark, failures),
        guard: new ClockGuard({ maxClockAheadMs, clock: host.clock, metrics, log }),
        idlenessMs,
      },
      restored,
    )
  }

  get #time(): TimeOptions {
    return this.#context.operator.node.options as unknown as TimeOptions
  }

  #remember(checkpoint: number, positions: SourcePositions): void {
    this.#positionsOf.set(checkpoint, positions)
    if (this.#positionsOf.size > openCheckpointsMax) this.#positionsOf.delete(this.#positionsOf.keys().next().value!)
  }

  #shape(): string {
    return this.#context.operator.node.connector ?? ''
  }
}
