import type { AnswerBuffers, LentBuffer } from '../network/answer-buffers.ts'
import type { AbortedTransaction, FetchedPartition } from '../protocol/fetch.ts'
import { BatchCursor, type PackedValues } from './packed-values.ts'
import { batchesIn, expanded, isAbort, recordsIn, type RecordBatch, type StoredRecord } from './record-batch.ts'

/** The buffer that a fetch lies in, and those that its batches are expanded to. */
export interface SetMemory {
  readonly lent: LentBuffer
  readonly buffers: AnswerBuffers
}

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
  readonly #memory: SetMemory | undefined
  /** What the fetched bytes are a part of: values of all their batches are told of by their place in it. */
  readonly #whole: Buffer
  /** What the batch was expanded to that is being read. */
  #expansion: LentBuffer | undefined
  readonly #batches: Iterator<RecordBatch>
  /** Aborted transactions by their first offset. */
  readonly #aborted: readonly AbortedTransaction[]
  /** How many of them have begun. */
  #abortedBegun = 0
  readonly #abortedProducers = new Set<string>()
  #batch: RecordBatch | undefined
  /** The one that is next for {@link fill}, and where it stands in it. */
  #filled: RecordBatch | undefined
  #cursor: BatchCursor | undefined
  #records: Generator<StoredRecord> | undefined
  #nextOffset: number
  #isDone = false

  /**
   * @param partition its name, for messages
   * @param memory held until {@link close}. Default: the records lie by themselves, and what is expanded goes to fresh memory
   * @throws WireError when a batch is damaged
   */
  constructor(fetched: FetchedPartition, from: number, partition: string, memory?: SetMemory) {
    this.bytes = fetched.records.length
    this.#where = partition
    this.#from = from
    this.#whole = memory?.lent.bytes ?? fetched.records
    this.#nextOffset = from
    const batches = [...batchesIn(fetched.records)]
    this.end = batches.at(-1)?.nextOffset ?? from
    this.#batches = batches.values()
    this.#aborted = [...fetched.aborted].sort((a, b) => a.firstOffset - b.firstOffset)
    this.#memory = memory
    memory?.lent.retain()
  }

  /** Where to go on: behind the last record that was given, or behind everything once none was left. */
  get nextOffset(): number {
    return this.#nextOffset
  }

  /** Who lent what values lie in; undefined: nobody will want it back. */
  lenderOf(values: PackedValues): LentBuffer | undefined {
    return [this.#expansion, this.#memory?.lent].find((lent) => lent?.bytes === values.bytes)
  }

  /** Gives its memory back; nothing is read any more. */
  close(): void {
    this.#expansion?.release()
    this.#expansion = undefined
    this.#memory?.lent.release()
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
      if (!this.#cursor) {
        const batch = this.#nextFilled()
        if (!batch) return false
        // Before it is expanded: that may be to where the last values lie.
        if (into.length > 0 && (batch.isPacked || into.bytes !== this.#whole)) return false
        this.#cursor = this.#cursorOf(batch)
      }
      const cursor = this.#cursor
      if (into.length > 0 && into.bytes !== cursor.bytes) return false
      into.bytes = cursor.bytes
      cursor.fill(into, wanted)
      this.#nextOffset = Math.max(this.#nextOffset, cursor.lastOffset + 1)
      if (cursor.hasReachedEnd) return true
      if (cursor.isDone) this.#cursor = this.#filled = undefined
    }
    return false
  }

  /** The batch that is next to be read and holds visible records. */
  #nextFilled(): RecordBatch | undefined {
    while (!this.#filled) {
      const batch = this.#nextBatch()
      if (!batch) return undefined
      if (batch.recordCount > 0) this.#filled = batch
    }
    return this.#filled
  }

  #cursorOf(batch: RecordBatch): BatchCursor {
    const where = this.#whereIs(batch)
    this.#expansion?.release()
    this.#expansion = undefined
    const { records } = batch
    if (!batch.isPacked) {
      const start = records.byteOffset - this.#whole.byteOffset
      return new BatchCursor(batch, this.#whole, { start, end: start + records.length }, where)
    }
    const buffers = this.#memory?.buffers
    const place = buffers && ((length: number) => (this.#expansion = buffers.lend(length)).bytes)
    const values = expanded(batch, where, place)
    const bytes = (this.#expansion as LentBuffer | undefined)?.bytes ?? values
    return new BatchCursor(batch, bytes, { start: 0, end: values.length }, where)
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
