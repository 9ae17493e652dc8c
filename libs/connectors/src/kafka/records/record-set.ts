import type { AbortedTransaction, FetchedPartition } from '../protocol/fetch.ts'
import { BatchCursor, type PackedValues } from './packed-values.ts'
import { batchesIn, expanded, isAbort, recordsIn, type RecordBatch, type StoredRecord } from './record-batch.ts'

/**
 * The records of one fetch that a reader of committed data may see, from an offset on. What was aborted, control batches
 * and records before the offset (a fetch begins with a whole batch) are left out. They are read either by {@link fill},
 * values alone, or one after another by {@link next}.
 */
export class RecordSet {
  /** Size as fetched. */
  readonly bytes: number
  /** Offset behind everything that was fetched. */
  readonly end: number
  readonly #where: string
  readonly #from: number
  /** What the fetched bytes are a part of: values of all their batches are told of by their place in it. */
  readonly #whole: Buffer
  readonly #batches: Iterator<RecordBatch>
  /** Aborted transactions by their first offset. */
  readonly #aborted: readonly AbortedTransaction[]
  /** How many of them have begun. */
  #abortedBegun = 0
  readonly #abortedProducers = new Set<string>()
  #batch: RecordBatch | undefined
  #cursor: BatchCursor | undefined
  #records: Generator<StoredRecord> | undefined
  #nextOffset: number
  #isDone = false

  /**
   * @param partition its name, for messages
   * @param whole the buffer that the records lie in; default: themselves
   * @throws WireError when a batch is damaged
   */
  constructor(fetched: FetchedPartition, from: number, partition: string, whole: Buffer = fetched.records) {
    this.bytes = fetched.records.length
    this.#where = partition
    this.#from = from
    this.#whole = whole
    this.#nextOffset = from
    const batches = [...batchesIn(fetched.records)]
    this.end = batches.at(-1)?.nextOffset ?? from
    this.#batches = batches.values()
    this.#aborted = [...fetched.aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** Where to go on: behind the last record that was given, or behind everything once none was left. */
  get nextOffset(): number {
    return this.#nextOffset
  }

  /** All has been given. */
  get isDone(): boolean {
    return this.#isDone
  }

  /**
   * Adds values up to `recordsMax`, as long as they lie in one buffer: those that were compressed do by batches.
   * @param until offset of the first record that is not wanted any more
   * @returns whether such a record is next
   * @throws WireError, LF_KAFKA_COMPRESSION
   */
  fill(into: PackedValues, recordsMax: number, until: number): boolean {
    const wanted = { recordsMax, from: this.#from, until }
    while (into.length < recordsMax) {
      this.#cursor ??= this.#nextCursor()
      const cursor = this.#cursor
      if (!cursor) return false
      if (into.length > 0 && into.bytes !== cursor.bytes) return false
      into.bytes = cursor.bytes
      cursor.fill(into, wanted)
      this.#nextOffset = Math.max(this.#nextOffset, cursor.lastOffset + 1)
      if (cursor.hasReachedEnd) return true
      if (cursor.isDone) this.#cursor = undefined
    }
    return false
  }

  /** At the first record of the next batch that has visible ones. */
  #nextCursor(): BatchCursor | undefined {
    for (let batch = this.#nextBatch(); batch; batch = this.#nextBatch()) {
      if (batch.recordCount === 0) continue
      const where = this.#whereIs(batch)
      const { records } = batch
      const values = expanded(batch, where)
      if (values !== records) return new BatchCursor(batch, values, { start: 0, end: values.length }, where)
      const start = records.byteOffset - this.#whole.byteOffset
      return new BatchCursor(batch, this.#whole, { start, end: start + records.length }, where)
    }
    return undefined
  }

  next(): StoredRecord | undefined {
    for (;;) {
      const record = this.#records?.next().value as StoredRecord | undefined
      if (record) {
        if (record.offset < this.#from) continue
        this.#nextOffset = record.offset + 1
        return record
      }
      const batch = this.#nextBatch()
      if (!batch) return undefined
      this.#records = recordsIn(batch, this.#whereIs(batch))
    }
  }

  /** The next batch that may be seen: what lies before it has been given. */
  #nextBatch(): RecordBatch | undefined {
    for (;;) {
      if (this.#batch) this.#nextOffset = Math.max(this.#nextOffset, this.#batch.nextOffset)
      this.#batch = this.#batches.next().value as RecordBatch | undefined
      this.#isDone = this.#batch === undefined
      if (!this.#batch || this.#isVisible(this.#batch)) return this.#batch
    }
  }

  #whereIs({ baseOffset }: RecordBatch): string {
    return `partition ${this.#where}, offset ${baseOffset}`
  }

  #isVisible(batch: RecordBatch): boolean {
    for (; this.#abortedBegun < this.#aborted.length; this.#abortedBegun++) {
      const { producerId, firstOffset } = this.#aborted[this.#abortedBegun]!
      if (firstOffset >= batch.nextOffset) break
      this.#abortedProducers.add(producerId)
    }
    if (batch.isControl) {
      if (isAbort(batch)) this.#abortedProducers.delete(batch.producerId)
      return false
    }
    return !(batch.isTransactional && this.#abortedProducers.has(batch.producerId))
  }
}
