import { safe, WireError, WireReader } from '../protocol/wire.ts'
import { expand, type Placing } from './compression.ts'
import { crc32c } from './crc32c.ts'

/** A record as it lies in a topic. Bytes are views of what was fetched. */
export interface StoredRecord {
  readonly offset: number
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
}

export interface RecordHeader {
  readonly name: string
  readonly value: Uint8Array | null
}

/** Size of a batch's own fields, before its records. */
const headerBytes = 61
/** Bytes of the two fields before the length, and of the length. */
const lengthEnd = 12
const attributesAt = 21
const codecBits = 0x07
const isLogAppendTime = 0x08
const isTransactionalBit = 0x10
const isControlBit = 0x20

/** One batch of the log (format 2), its records not yet looked at. */
export interface RecordBatch {
  readonly baseOffset: number
  /** Offset behind the batch, also where records in it were compacted away. */
  readonly nextOffset: number
  readonly attributes: number
  readonly firstTimestamp: number
  readonly maxTimestamp: number
  /** As text: it is only compared. */
  readonly producerId: string
  readonly recordCount: number
  /** Its records have to be expanded. */
  readonly isPacked: boolean
  readonly isTransactional: boolean
  /** The broker has set the time of all records: {@link maxTimestamp}. */
  readonly hasLogTime: boolean
  /** Holds the end of a transaction and no records of anybody. */
  readonly isControl: boolean
  readonly records: Buffer
}

/** Size of the largest batch in fetched bytes, also where it is the last one and cut off. */
export function largestBatchBytes(bytes: Buffer): number {
  let largest = 0
  for (let start = 0; start + lengthEnd <= bytes.length;) {
    const size = lengthEnd + Math.max(0, bytes.readInt32BE(start + lengthEnd - 4))
    largest = Math.max(largest, size)
    start += size
  }
  return largest
}

/**
 * The whole batches in fetched bytes, one after another; the last one may be cut off and is left out.
 * @throws WireError for a batch that is damaged or of another format
 */
export function* batchesIn(bytes: Buffer): Generator<RecordBatch> {
  let lastEnd = 0
  for (let start = 0; start + headerBytes <= bytes.length;) {
    const reader = new WireReader(bytes, start)
    const baseOffset = reader.int64()
    const length = reader.int32()
    const end = start + lengthEnd + length
    if (length < headerBytes - lengthEnd) throw new WireError(`a batch of ${length} bytes`)
    if (end > bytes.length) return
    reader.int32()
    const format = reader.int8()
    if (format !== 2) throw new WireError(`a batch of format ${format}; 2 is known`)
    if (reader.uint32() !== crc32c(bytes.subarray(start + attributesAt, end)))
      throw new WireError(`the batch at offset ${baseOffset} is damaged (checksum)`)
    const attributes = reader.int16()
    const nextOffset = safe(baseOffset + reader.int32() + 1)
    if (baseOffset < lastEnd || nextOffset <= baseOffset)
      throw new WireError(
        `a batch holds offsets ${baseOffset} to ${nextOffset - 1}, behind one that ends at ${lastEnd}`,
      )
    lastEnd = nextOffset
    const [firstTimestamp, maxTimestamp, producerId] = [reader.int64(), reader.int64(), reader.identity64()]
    reader.int16()
    reader.int32()
    const recordCount = reader.int32()
    if (recordCount < 0) throw new WireError(`the batch at offset ${baseOffset} holds ${recordCount} records`)
    yield {
      baseOffset,
      nextOffset,
      attributes,
      firstTimestamp,
      maxTimestamp,
      producerId,
      recordCount,
      // What compaction has emptied holds nothing to expand, either.
      isPacked: (attributes & codecBits) !== 0 && recordCount > 0,
      isTransactional: (attributes & isTransactionalBit) !== 0,
      hasLogTime: (attributes & isLogAppendTime) !== 0,
      isControl: (attributes & isControlBit) !== 0,
      records: bytes.subarray(start + headerBytes, end),
    }
    start = end
  }
}

/** The bytes of a batch's records: those that were fetched, or what they expand to. @throws WireError, LF_KAFKA_COMPRESSION */
export function expanded({ attributes, records, isPacked }: RecordBatch, where: string, place?: Placing): Buffer {
  const codec = attributes & codecBits
  return isPacked ? expand(codec, records, where, place) : records
}

/** The records of a batch, one after another, each with all that is in it. @throws WireError, LF_KAFKA_COMPRESSION */
export function* recordsIn(batch: RecordBatch, where: string): Generator<StoredRecord> {
  if (batch.recordCount === 0) return
  const reader = new WireReader(expanded(batch, where))
  for (let left = batch.recordCount; left > 0; left--) {
    const length = reader.varint()
    const end = reader.position + length
    if (length < 0 || end > reader.end) throw new WireError(`${where}: a record ends beyond its batch`)
    reader.int8()
    const timestamp = safe(batch.firstTimestamp + reader.varint())
    const offset = safe(batch.baseOffset + reader.varint())
    if (offset < batch.baseOffset || offset >= batch.nextOffset)
      throw new WireError(`${where}: a record at offset ${offset} is not of its batch`)
    const key = nullableBytes(reader)
    const value = nullableBytes(reader)
    const headers: RecordHeader[] = []
    const headerCount = reader.varint()
    if (headerCount < 0) throw new WireError(`${where}: a record has ${headerCount} headers`)
    for (let headersLeft = headerCount; headersLeft > 0; headersLeft--)
      headers.push({ name: reader.text(reader.varint()), value: nullableBytes(reader) })
    if (reader.position !== end) throw new WireError(`${where}: a record is of another length than it says`)
    yield { offset, timestamp: batch.hasLogTime ? batch.maxTimestamp : timestamp, key, value, headers }
  }
  if (reader.remaining > 0) throw new WireError(`${where}: a batch holds more than its records`)
}

function nullableBytes(reader: WireReader): Buffer | null {
  const length = reader.varint()
  return length === -1 ? null : reader.slice(length)
}

/** Whether a control batch ends its transaction by aborting it; one that compaction has emptied ends nothing. */
export function isAbort(batch: RecordBatch): boolean {
  if (batch.recordCount === 0) return false
  const [marker] = recordsIn(batch, 'a control batch')
  if (!marker?.key || marker.key.length < 4) throw new WireError('a control batch without a marker')
  return Buffer.from(marker.key.buffer, marker.key.byteOffset, 4).readInt16BE(2) === 0
}

export type NewRecord = Omit<StoredRecord, 'offset'>
