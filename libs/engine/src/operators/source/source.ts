import type { OperatorDefinition } from '@lightflus/api'
import type { OperatorRestore } from '../../checkpoint/snapshot.ts'
import type { Clock, SourceBatch, SourcePositions, SourceReader } from '../../connector.ts'
import type { RecordBatch } from '../../record.ts'
import type { OperatorContext, OperatorState } from '../operator.ts'
import { assertShape } from '../restored-shape.ts'
import { EventClock, type EventClockOptions, type EventClockState } from './event-clock.ts'
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

/**
 * Drives a connector's reader: decodes and validates what it reads, gives each record its event time, and keeps the
 * watermark ({@link EventClock}). A snapshot holds the positions and watermarks of its partitions. Restored, every
 * subtask is given all positions and takes those of its own partitions; if all subtasks had ended, the source has ended
 * and reads nothing more, whatever has been written outside since.
 */
export class Source {
  readonly #context: OperatorContext<'source'>
  readonly #reader: SourceReader
  readonly #clock: Clock
  readonly #decode: ReturnType<typeof createRecordDecoder>
  readonly #positionsOf = new Map<number, SourcePositions>()
  #events: EventClock
  #restored: SourcePositions | undefined
  #ended = false
  #isOpen = false

  constructor(context: OperatorContext<'source'>, reader: SourceReader, clock: Clock) {
    this.#context = context
    this.#reader = reader
    this.#clock = clock
    this.#decode = createRecordDecoder(context.operator.functions, context.failures)
    this.#events = new EventClock(eventClockOptions(context.operator), undefined)
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

  /** Whether a reader that had nothing has to be asked again by and by, if only to see whether it is idle. */
  get mustBeAsked(): boolean {
    return !this.#reader.wakesReliably || eventClockOptions(this.#context.operator).idlenessMs !== null
  }

  restore({ subtasks }: OperatorRestore): void {
    const states = subtasks as SourceState[]
    if (states.length === 0) return
    for (const { shape } of states) assertShape(this.#context, shape, this.#shape())
    this.#restored = Object.assign({}, ...states.map(({ positions }) => positions)) as SourcePositions
    this.#ended = states.every(({ ended }) => ended)
    const clocks = states.map(({ clock }) => clock)
    this.#events = new EventClock(eventClockOptions(this.#context.operator), {
      // The least: this subtask may own partitions of the one that was behind.
      watermark: Math.min(...clocks.map(({ watermark }) => watermark)),
      partitions: Object.assign({}, ...clocks.map(({ partitions }) => partitions)) as EventClockState['partitions'],
    })
  }

  async open(): Promise<void> {
    if (this.#ended) return this.end()
    this.#isOpen = true
    await this.#reader.open(this.#restored)
    this.observe()
  }

  poll(recordsMax: number): SourceBatch | undefined | Promise<SourceBatch | undefined> {
    return this.#reader.poll(recordsMax)
  }

  /** Before `take`: true when {@link idle} has changed, which those downstream must know before the records. */
  wakes(read: SourceBatch): boolean {
    return this.#events.wakes(read.partition)
  }

  /** What was polled, as records. Call `observe` once they have been processed: their watermark comes after them. */
  take(read: SourceBatch): RecordBatch {
    const { metrics } = this.#context
    metrics.recordsIn += read.payloads.length
    metrics.bytesIn += read.bytes
    const { batch, newest } = this.#decode(read)
    this.#events.recordsTaken(read.partition, newest)
    return batch
  }

  /** After each poll, and after its records. True when {@link watermark} or {@link idle} has changed. */
  observe(): boolean {
    const partitions = this.#reader.partitions()
    this.#ended = this.#reader.bounded && partitions.every(({ ended }) => ended)
    const lags = partitions.flatMap(({ lag }) => (lag === undefined ? [] : [lag]))
    this.#context.metrics.lag = lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0)
    return this.#events.observe(partitions, this.#clock.now())
  }

  /** Reads no more. */
  end(): void {
    this.#ended = true
    this.#events.end()
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

  #remember(checkpoint: number, positions: SourcePositions): void {
    this.#positionsOf.set(checkpoint, positions)
    if (this.#positionsOf.size > openCheckpointsMax) this.#positionsOf.delete(this.#positionsOf.keys().next().value!)
  }

  #shape(): string {
    return this.#context.operator.node.connector ?? ''
  }
}

function eventClockOptions(operator: OperatorDefinition<'source'>): EventClockOptions {
  return operator.node.options as unknown as EventClockOptions
}
