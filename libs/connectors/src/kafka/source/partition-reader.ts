import type { SourceBatch, SourcePartition } from '@lightflus/engine'
import type { AnswerBuffers, LentBuffer } from '../network/answer-buffers.ts'
import type { FetchedPartition } from '../protocol/fetch.ts'
import type { StoredRecord } from '../records/record-batch.ts'
import { PackedValues } from '../records/packed-values.ts'
import { largestBatchBytes } from '../records/record-batch.ts'
import { RecordSet } from '../records/record-set.ts'
import type { KafkaPosition, RawRecord } from './kafka-source-options.ts'

/** Fetched bytes of a partition above which no more is fetched for it. */
export const prefetchBytesMax = 1024 * 1024
/** How fast larger batches than those of now are forgotten, a fetch. */
const batchBytesDecay = 0.99
/** How much larger the next ones may be: a batch that just does not fit comes in vain nearly whole. */
const batchBytesMargin = 1.02

export interface PartitionStart {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly offset: number
  /** Offset at which a bounded run ends. */
  readonly end: number | undefined
  readonly envelope: boolean
  /** Whether anybody asks when records were written. */
  readonly timestamps: boolean
  /** What batches are expanded to. */
  readonly buffers: AnswerBuffers
}

/** One partition of the topic: what has been fetched of it and not been taken yet, and how far the program has got. */
export class PartitionReader {
  readonly number: number
  /** `orders/0` */
  readonly name: string
  readonly #start: PartitionStart
  readonly #fetched: RecordSet[] = []
  readonly #values = new PackedValues()
  #bufferedBytes = 0
  /** What the values lie in that were taken last. */
  #handedOut: LentBuffer | undefined
  /** Size of its largest batches, as far as they were seen lately. */
  #batchBytes = 0
  /** Next record for the program, and next one to fetch. */
  #offset: number
  #fetchOffset: number
  /** Where the log ended when it was last fetched from; undefined before. */
  #logEnd: number | undefined
  /** Node id of the leader; negative: none. */
  leader = -1
  isBeingFetched = false
  /** Too far ahead of what it is aligned with: nothing of it is taken now. */
  isHeld = false

  constructor(start: PartitionStart) {
    this.#start = start
    this.number = start.partition
    this.name = `${start.topic}/${start.partition}`
    this.#offset = this.#fetchOffset = start.offset
  }

  get fetchOffset(): number {
    return this.#fetchOffset
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  /** Whether more is to be fetched: not while enough lies here, nor behind a bounded run's end. */
  get wantsMore(): boolean {
    const { end } = this.#start
    return (
      !this.isBeingFetched &&
      !this.isHeld &&
      this.#bufferedBytes < prefetchBytesMax &&
      (end === undefined || this.#fetchOffset < end)
    )
  }

  /** Gives up what was fetched and not taken while it is held, to be fetched again: others need the memory. */
  dropWhileHeld(): void {
    if (!this.isHeld || this.isBeingFetched) return
    this.#drop()
    this.#fetchOffset = this.#offset
  }

  /** How much to fetch: as many whole batches as fit, since a part of one comes in vain. */
  fetchBytes(most: number): number {
    const batch = Math.min(Math.ceil(this.#batchBytes * batchBytesMargin), most)
    return batch === 0 ? most : Math.floor(most / batch) * batch
  }

  /** Takes what was fetched from {@link fetchOffset} on, and holds its buffer as long as it needs it. @throws WireError */
  add(fetched: FetchedPartition, lent: LentBuffer): void {
    this.#logEnd = fetched.lastStableOffset
    const largest = largestBatchBytes(fetched.records)
    // Nothing says nothing of batches: others may have taken all that the answer had room for.
    if (largest > 0) this.#batchBytes = Math.max(largest, this.#batchBytes * batchBytesDecay)
    const set = new RecordSet(fetched, this.#fetchOffset, this.name, { lent, buffers: this.#start.buffers })
    if (set.end <= this.#fetchOffset) return set.close()
    this.#fetchOffset = set.end
    this.#fetched.push(set)
    this.#bufferedBytes += set.bytes
  }

  /**
   * The next records, or undefined when none has been fetched; their bytes hold until {@link letGo}.
   * @throws WireError, LF_KAFKA_COMPRESSION
   */
  take(recordsMax: number): SourceBatch | undefined {
    this.letGo()
    const batch = this.#start.envelope ? this.#takeEnvelopes(recordsMax) : this.#takeValues(recordsMax)
    if (this.ended) this.#drop()
    return batch
  }

  #takeValues(recordsMax: number): SourceBatch | undefined {
    const values = this.#values
    values.begin(recordsMax, this.#start.timestamps)
    const { end = Infinity } = this.#start
    while (values.length < recordsMax && this.#fetched.length > 0 && !this.ended) {
      const set = this.#fetched[0]!
      const hasReachedEnd = set.fill(values, recordsMax, end)
      if (values.length > 0) this.#handedOut ??= set.lenderOf(values)?.retain()
      this.#offset = hasReachedEnd ? end : Math.max(this.#offset, set.nextOffset)
      if (!set.isDone) break
      this.#giveBack()
    }
    if (values.length === 0) return undefined
    values.end()
    const { positions, timestamps, size } = values
    return { partition: this.name, payloads: values, positions, ...(timestamps && { timestamps }), bytes: size }
  }

  #takeEnvelopes(recordsMax: number): SourceBatch | undefined {
    const payloads: RawRecord[] = []
    const positions: number[] = []
    const timestamps: number[] = []
    let bytes = 0
    while (payloads.length < recordsMax && this.#fetched.length > 0 && !this.ended) {
      const set = this.#fetched[0]!
      const record = set.next()
      if (record && this.#isBeyondEnd(record.offset)) {
        this.#offset = this.#start.end!
        break
      }
      this.#offset = Math.max(this.#offset, set.nextOffset)
      if (!record) {
        this.#giveBack()
        continue
      }
      payloads.push(this.#envelopeOf(record))
      positions.push(record.offset)
      timestamps.push(record.timestamp)
      bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0)
    }
    return payloads.length === 0 ? undefined : { partition: this.name, payloads, positions, timestamps, bytes }
  }

  #isBeyondEnd(offset: number): boolean {
    return this.#start.end !== undefined && offset >= this.#start.end
  }

  /** The first of what was fetched has been taken. */
  #giveBack(): void {
    const set = this.#fetched.shift()!
    this.#bufferedBytes -= set.bytes
    set.close()
  }

  #drop(): void {
    while (this.#fetched.length > 0) this.#giveBack()
  }

  /** What was taken last is not looked at any more. */
  letGo(): void {
    this.#handedOut?.release()
    this.#handedOut = undefined
  }

  close(): void {
    this.letGo()
    this.#drop()
  }

  /** Its bytes are copies: nobody knows how long the program keeps them. */
  #envelopeOf({ key, value, headers, timestamp, offset }: StoredRecord): RawRecord {
    const named = headers.map(({ name, value }) => [name, Buffer.from(value ?? [])] as const)
    return {
      key: key && Buffer.from(key),
      value: value && Buffer.from(value),
      headers: Object.fromEntries(named),
      timestamp,
      partition: this.number,
      offset: String(offset),
    }
  }

  get ended(): boolean {
    const { end } = this.#start
    return end !== undefined && this.#offset >= end
  }

  get position(): KafkaPosition {
    const { topicId, end } = this.#start
    return { offset: this.#offset, topicId, ...(end === undefined ? {} : { end }) }
  }

  status(): SourcePartition {
    const end = this.#start.end ?? this.#logEnd
    const lag = end === undefined ? undefined : Math.max(0, end - this.#offset)
    return { name: this.name, ended: this.ended, caughtUp: lag === 0, ...(lag === undefined ? {} : { lag }) }
  }
}
