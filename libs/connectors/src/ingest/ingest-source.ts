import type { ConnectorContext, SourceBatch, SourcePartition, SourcePositions, SourceReader } from '@lightflus/engine'
import type { IngestEndpoint } from './ingest-body.ts'

/** A place in the log: a segment, and how many of its records have been read. */
export interface IngestPosition {
  readonly segment: number
  readonly record: number
}

/** What was accepted together, as the reader gets it. */
export interface IngestSegment {
  /** When it was accepted, milliseconds since the epoch. */
  readonly at: number
  readonly bytes: Uint8Array
  /** Where each record ends in `bytes`; they lie there in their order and without gaps. */
  readonly ends: Int32Array
}

/** The logs of a job's endpoints, as sources read them. */
export interface IngestLog {
  /**
   * Where reading begins.
   * @param from where a checkpoint says; `'oldest'`: with the oldest that there is; `'unread'`: after what the newest
   * checkpoint had read, whose state a fresh start leaves behind
   * @throws LF_INGEST_GONE
   */
  begin(endpoint: string, from: IngestPosition | 'oldest' | 'unread'): Promise<IngestPosition>
  /** Undefined: nothing has been accepted there yet. */
  read(endpoint: string, segment: number): Promise<IngestSegment | undefined>
}

/** How soon and how late it is asked again whether there is more, milliseconds: later each time in between. */
const pauseMsMin = 10
const pauseMsMax = 250

const partitionPrefix = 'ingest/'

/**
 * Reads the log of one endpoint, in the job's first subtask: order and position are one, and a log that takes what one HTTP
 * receiver takes is not what keeps a job busy. While a segment is handed on the next one is fetched.
 */
export class IngestSource implements SourceReader {
  readonly bounded = false
  readonly wakesReliably = true
  readonly #context: ConnectorContext<'source'>
  readonly #log: IngestLog
  readonly #endpoint: string
  readonly #reads: boolean
  #position: IngestPosition = { segment: 0, record: 0 }
  #present: IngestSegment | undefined
  /** The one after it, or the awaited one. */
  #next: IngestSegment | undefined
  #fetching = false
  #caughtUp = false
  #failure: { readonly reason: unknown } | undefined
  #pauseMs = pauseMsMin
  #pause: NodeJS.Timeout | undefined
  #closed = false

  constructor(context: ConnectorContext<'source'>, log: IngestLog) {
    this.#context = context
    this.#log = log
    this.#endpoint = (context.operator.node.options['connector'] as unknown as IngestEndpoint).endpoint
    this.#reads = context.subtask.index === 0
  }

  get #partition(): string {
    return `${partitionPrefix}${this.#endpoint}`
  }

  async open(restored: SourcePositions | undefined): Promise<void> {
    if (!this.#reads) return
    const from = restored ? ((restored[this.#partition] as unknown as IngestPosition) ?? 'oldest') : 'unread'
    this.#position = await this.#log.begin(this.#endpoint, from)
    this.#fetch(this.#position.segment)
  }

  poll(recordsMax: number): SourceBatch | undefined {
    if (!this.#reads) return undefined
    if (this.#failure) throw this.#failure.reason
    if (!this.#present || this.#position.record === this.#present.ends.length) this.#turnPage()
    const segment = this.#present
    if (!segment || this.#position.record >= segment.ends.length) return undefined
    return this.#take(segment, recordsMax)
  }

  /** Goes on to the next segment, if it is there. */
  #turnPage(): void {
    if (!this.#next) {
      // Whoever called has had all that was read; what comes wakes it.
      this.#fetch(this.#present ? this.#position.segment + 1 : this.#position.segment)
      return
    }
    if (this.#present) this.#position = { segment: this.#position.segment + 1, record: 0 }
    this.#present = this.#next
    this.#next = undefined
    this.#fetch(this.#position.segment + 1)
  }

  #take(segment: IngestSegment, recordsMax: number): SourceBatch {
    const { segment: number, record } = this.#position
    const end = Math.min(record + recordsMax, segment.ends.length)
    const ends = segment.ends.subarray(record, end)
    const starts = Int32Array.from(ends, (_, index) => (record + index === 0 ? 0 : segment.ends[record + index - 1]!))
    this.#position = { segment: number, record: end }
    return {
      partition: this.#partition,
      payloads: { length: ends.length, bytes: segment.bytes, starts, ends },
      positions: Array.from(ends, (_, index) => `${number}:${record + index}`),
      timestamps: Array.from(ends, () => segment.at),
      bytes: ends.at(-1)! - starts[0]!,
    }
  }

  #fetch(number: number): void {
    if (this.#fetching || this.#closed) return
    this.#fetching = true
    this.#log.read(this.#endpoint, number).then(
      (segment) => {
        this.#fetching = false
        this.#caughtUp = segment === undefined
        if (segment) this.#arrived(segment)
        else this.#askLater(number)
      },
      (reason: unknown) => {
        this.#failure = { reason }
        this.#context.wake()
      },
    )
  }

  #arrived(segment: IngestSegment): void {
    this.#next = segment
    this.#pauseMs = pauseMsMin
    this.#context.wake()
  }

  #askLater(number: number): void {
    if (this.#closed) return
    this.#fetching = true
    this.#pause = setTimeout(() => {
      this.#fetching = false
      this.#fetch(number)
    }, this.#pauseMs)
    this.#pauseMs = Math.min(2 * this.#pauseMs, pauseMsMax)
    // The partition may be idle from now on.
    this.#context.wake()
  }

  partitions(): readonly SourcePartition[] {
    if (!this.#reads) return []
    const isRead = !this.#next && (!this.#present || this.#position.record === this.#present.ends.length)
    return [{ name: this.#partition, ended: false, caughtUp: this.#caughtUp && isRead }]
  }

  positions(): SourcePositions {
    return this.#reads ? { [this.#partition]: { ...this.#position } } : {}
  }

  close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#pause)
    return Promise.resolve()
  }
}

/** The endpoint that a partition of this connector is of; undefined: it is another connector's. */
export const endpointOfPartition = (partition: string): string | undefined =>
  partition.startsWith(partitionPrefix) ? partition.slice(partitionPrefix.length) : undefined
