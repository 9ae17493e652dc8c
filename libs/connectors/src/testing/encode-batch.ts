import { codecOf, compress, type WrittenCompression } from '../kafka/records/compression.ts'
import { crc32c } from '../kafka/records/crc32c.ts'
import type { NewRecord } from '../kafka/records/record-batch.ts'
import { WireWriter } from '../kafka/protocol/wire.ts'

const headerBytes = 61
const lengthEnd = 12
const attributesAt = 21

/** The plain form of an encoder: records as one batch, sealed by its checksum, as a producer that is not known sends it. */
export function encodeBatch(records: readonly NewRecord[], compression: WrittenCompression): Uint8Array {
  const [first] = records
  if (!first) throw new RangeError('A batch holds at least one record')
  const body = new WireWriter(1024)
  let maxTimestamp = first.timestamp
  for (const [delta, entry] of records.entries()) {
    maxTimestamp = Math.max(maxTimestamp, entry.timestamp)
    const fields = new WireWriter((entry.key?.length ?? 0) + (entry.value?.length ?? 0) + 64)
    fields
      .int8(0)
      .varint(entry.timestamp - first.timestamp)
      .varint(delta)
    fields.varintBytes(entry.key).varintBytes(entry.value).varint(entry.headers.length)
    for (const { name, value } of entry.headers) fields.varintBytes(Buffer.from(name)).varintBytes(value)
    body.varint(fields.length).raw(fields.bytes)
  }
  const packed = compress(compression, body.bytes)
  const sealed = new WireWriter(packed.length + headerBytes)
  sealed
    .int16(codecOf(compression))
    .int32(records.length - 1)
    .int64(first.timestamp)
    .int64(maxTimestamp)
  // Neither idempotent nor transactional: no producer.
  sealed.int64(-1).int16(-1).int32(-1).int32(records.length).raw(packed)
  const batch = new WireWriter(sealed.length + attributesAt)
  batch
    .int64(0)
    .int32(sealed.length + attributesAt - lengthEnd)
    .int32(-1)
    .int8(2)
    .uint32(crc32c(sealed.bytes))
  return batch.raw(sealed.bytes).bytes
}
