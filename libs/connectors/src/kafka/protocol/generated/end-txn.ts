// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface EndTxnRequest {
  /** The ID of the transaction to end. */
  readonly transactionalId: string
  /** The producer ID. */
  readonly producerId: number
  /** The current epoch associated with the producer. */
  readonly producerEpoch: number
  /** True if the transaction was committed, false if it was aborted. */
  readonly committed: boolean
}

function writeEndTxnRequest(writer: WireWriter, it: EndTxnRequest, version: number): void {
  writer.compactString(it.transactionalId)
  writer.int64(it.producerId)
  writer.int16(it.producerEpoch)
  writer.boolean(it.committed)
  writer.noTags()
}

function readEndTxnRequest(reader: WireReader, version: number): EndTxnRequest {
  const transactionalId = reader.compactString()
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  const committed = reader.boolean()
  reader.tags()
  return { transactionalId, producerId, producerEpoch, committed }
}

export interface EndTxnResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** The error code, or 0 if there was no error. */
  readonly errorCode: number
  /** The producer ID. */
  readonly producerId: number
  /** The current epoch associated with the producer. */
  readonly producerEpoch: number
}

function writeEndTxnResponse(writer: WireWriter, it: EndTxnResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.int16(it.errorCode)
  if (version >= 5) writer.int64(it.producerId)
  if (version >= 5) writer.int16(it.producerEpoch)
  writer.noTags()
}

function readEndTxnResponse(reader: WireReader, version: number): EndTxnResponse {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const producerId = version >= 5 ? reader.int64() : -1
  const producerEpoch = version >= 5 ? reader.int16() : -1
  reader.tags()
  return { throttleTimeMs, errorCode, producerId, producerEpoch }
}

/** EndTxn, versions 3, 4, 5. */
export const endTxnCodec: MessageCodec<EndTxnRequest, EndTxnResponse> = {
  name: 'EndTxn',
  key: 26,
  versions: [3, 4, 5],
  flexibleSince: 3,
  writeRequest: writeEndTxnRequest,
  readRequest: readEndTxnRequest,
  writeResponse: writeEndTxnResponse,
  readResponse: readEndTxnResponse,
}
