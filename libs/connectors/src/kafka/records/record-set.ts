import type { AbortedTransaction, FetchedPartition } from '../protocol/fetch.ts'
import { batchesIn, isAbort, recordsIn, type RecordBatch, type StoredRecord } from './record-batch.ts'

/**
 * The records of one fetch that a reader of committed data may see, from an offset on, one after another. What was
 * aborted, control batches and records before the offset (a fetch begins with a whole batch) are left out.
 */
export class RecordSet {
  /** Size as fetched. */
  readonly bytes: number
  /** Offset behind everything that was fetched. */
  readonly end: number
  readonly #where: string
  readonly #from: number
  readonly #batches: Iterator<RecordBatch>
  /** Aborted transactions by their first offset. */
  readonly #aborted: readonly AbortedTransaction[]
  /** How many of them have begun. */
  #abortedBegun = 0
  readonly #abortedProducers = new Set<string>()
  #batch: RecordBatch | undefined
  #records: Generator<StoredRecord> | undefined
  #nextOffset: number

  /**
   * @param partition its name, for messages
   * @throws WireError when a batch is damaged
   */
  constructor(fetched: FetchedPartition, from: number, partition: string) {
    this.bytes = fetched.records.length
    this.#where = partition
    this.#from = from
    this.#nextOffset = from
    const batches = [...batchesIn(fetched.records)]
    this.end = batches.at(-1)?.nextOffset ?? from
    this.#batches = batches.values()
    this.#aborted = [...fetched.aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** Where to go on: behind the last record that {@link next} gave, or behind everything when it gave undefined. */
  get nextOffset(): number {
    return this.#nextOffset
  }

  next(): StoredRecord | undefined {
    for (;;) {
      const record = this.#records?.next().value as StoredRecord | undefined
      if (record) {
        if (record.offset < this.#from) continue
        this.#nextOffset = record.offset + 1
        return record
      }
      if (this.#batch) this.#nextOffset = Math.max(this.#nextOffset, this.#batch.nextOffset)
      this.#batch = this.#batches.next().value as RecordBatch | undefined
      if (!this.#batch) return undefined
      this.#records = this.#isVisible(this.#batch)
        ? recordsIn(this.#batch, `partition ${this.#where}, offset ${this.#batch.baseOffset}`)
        : undefined
    }
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
