// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface AddOffsetsToTxnRequest {
  /** The transactional id corresponding to the transaction. */
  readonly transactionalId: string
  /** Current producer id in use by the transactional id. */
  readonly producerId: number
  /** Current epoch associated with the producer id. */
  readonly producerEpoch: number
  /** The unique group identifier. */
  readonly groupId: string
}

function writeAddOffsetsToTxnRequest(writer: WireWriter, it: AddOffsetsToTxnRequest, version: number): void {
  writer.compactString(it.transactionalId)
  writer.int64(it.producerId)
  writer.int16(it.producerEpoch)
  writer.compactString(it.groupId)
  writer.noTags()
}

function readAddOffsetsToTxnRequest(reader: WireReader, version: number): AddOffsetsToTxnRequest {
  const transactionalId = reader.compactString()
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  const groupId = reader.compactString()
  reader.tags()
  return { transactionalId, producerId, producerEpoch, groupId }
}

export interface AddOffsetsToTxnResponse {
  /** Duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** The response error code, or 0 if there was no error. */
  readonly errorCode: number
}

function writeAddOffsetsToTxnResponse(writer: WireWriter, it: AddOffsetsToTxnResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.int16(it.errorCode)
  writer.noTags()
}

function readAddOffsetsToTxnResponse(reader: WireReader, version: number): AddOffsetsToTxnResponse {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  reader.tags()
  return { throttleTimeMs, errorCode }
}

/** AddOffsetsToTxn, versions 3, 4. */
export const addOffsetsToTxnCodec: MessageCodec<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> = {
  name: 'AddOffsetsToTxn',
  key: 25,
  versions: [3, 4],
  flexibleSince: 3,
  writeRequest: writeAddOffsetsToTxnRequest,
  readRequest: readAddOffsetsToTxnRequest,
  writeResponse: writeAddOffsetsToTxnResponse,
  readResponse: readAddOffsetsToTxnResponse,
}
