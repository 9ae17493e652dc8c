import type { EncodedRecords } from '@lightflus/engine'
import type { RecordHeader } from '../records/record-batch.ts'
import type { MarkedTransactions } from '../transactions/transaction-cluster.ts'
import type { StagedChunk } from './prepared-output.ts'
import type { OpenTransaction, TopicProducer } from './topic-producer.ts'

/** Where the sink's records go: to the cluster, or into the checkpoint. */
export type RecordOutput = Pick<TopicProducer, 'add' | 'addEncoded' | 'ready'>

/** In front of each record: its partition (-1: any), time, lengths of key and value (-1: null) and count of headers. */
const frameBytes = 4 + 8 + 4 + 4 + 4
const initialBytes = 16 * 1024
const nullLength = -1
const anyPartition = -1

/** Records in one buffer, in the order in which they were added, each with all that the producer needs of it. */
export class StagedRecords {
  #bytes = Buffer.allocUnsafe(initialBytes)
  #length = 0

  get length(): number {
    return this.#length
  }

  add(
    key: Uint8Array | null,
    value: Uint8Array | string | null,
    headers: readonly RecordHeader[],
    timestamp: number,
    partition: number | undefined,
  ): void {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    const at = this.#reserve(frameBytes)
    this.#bytes.writeInt32LE(partition ?? anyPartition, at)
    this.#bytes.writeDoubleLE(timestamp, at + 4)
    this.#bytes.writeInt32LE(key?.length ?? nullLength, at + 12)
    this.#bytes.writeInt32LE(bytes?.length ?? nullLength, at + 16)
    this.#bytes.writeInt32LE(headers.length, at + 20)
    if (key) this.#append(key)
    if (bytes) this.#append(bytes)
    for (const { name, value } of headers) {
      this.#appendSized(Buffer.from(name))
      this.#appendSized(value)
    }
  }

  addEncoded(records: EncodedRecords, timestampOf: (index: number) => number): void {
    for (let index = 0; index < records.length; index++)
      this.add(
        null,
        records.bytes.subarray(records.starts[index], records.ends[index]),
        [],
        timestampOf(index),
        undefined,
      )
  }

  #appendSized(bytes: Uint8Array | null): void {
    const at = this.#reserve(4)
    this.#bytes.writeInt32LE(bytes?.length ?? nullLength, at)
    if (bytes) this.#append(bytes)
  }

  #append(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length)
    this.#bytes.set(bytes, at)
  }

  #reserve(bytes: number): number {
    const at = this.#length
    this.#length += bytes
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, 2 * this.#bytes.length))
      larger.set(this.#bytes.subarray(0, at))
      this.#bytes = larger
    }
    return at
  }

  /** All that was added, as bytes of their own; it is empty then. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.#bytes.subarray(0, this.#length))
    this.#length = 0
    return taken
  }
}

/** Hands staged records to a producer, as they were added. */
export async function replay(bytes: Uint8Array, producer: RecordOutput): Promise<void> {
  const staged = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const take = (length: number) => (length === nullLength ? null : staged.subarray(at, (at += length)))
  const takeSized = () => {
    at += 4
    return take(staged.readInt32LE(at - 4))
  }
  while (at < staged.length) {
    const frame = at
    at += frameBytes
    const partition = staged.readInt32LE(frame)
    const key = take(staged.readInt32LE(frame + 12))
    const value = take(staged.readInt32LE(frame + 16))
    const headers: RecordHeader[] = []
    for (let left = staged.readInt32LE(frame + 20); left > 0; left--)
      headers.push({ name: takeSized()!.toString(), value: takeSized() })
    const timestamp = staged.readDoubleLE(frame + 4)
    producer.add(key, value, headers, timestamp, partition === anyPartition ? undefined : partition)
    const room = producer.ready()
    if (room) await room
  }
}

/** Writes staged chunks into a transaction, and waits until all of it is acknowledged. */
export async function writeChunks(
  producer: RecordOutput & { begin(transaction: OpenTransaction): void; flush(): Promise<void> },
  transactions: MarkedTransactions,
  chunks: readonly StagedChunk[],
): Promise<void> {
  producer.begin(transactions)
  for (const { bytes } of chunks) await replay(bytes, producer)
  await producer.flush()
}
