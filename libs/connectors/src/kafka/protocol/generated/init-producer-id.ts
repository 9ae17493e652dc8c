// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface InitProducerIdRequest {
  /** The transactional id, or null if the producer is not transactional. */
  readonly transactionalId: string | null
  /** The time in ms to wait before aborting idle transactions sent by this producer. This is only relevant if a TransactionalId has been defined. */
  readonly transactionTimeoutMs: number
  /** The producer id. This is used to disambiguate requests if a transactional id is reused following its expiration. */
  readonly producerId?: number
  /** The producer's current epoch. This will be checked against the producer epoch on the broker, and the request will return an error if they do not match. */
  readonly producerEpoch?: number
}

function writeInitProducerIdRequest(writer: WireWriter, it: InitProducerIdRequest, version: number): void {
  writer.compactString(it.transactionalId)
  writer.int32(it.transactionTimeoutMs)
  writer.int64(it.producerId ?? -1)
  writer.int16(it.producerEpoch ?? -1)
  writer.noTags()
}

function readInitProducerIdRequest(reader: WireReader, version: number): InitProducerIdRequest {
  const transactionalId = reader.compactNullableString()
  const transactionTimeoutMs = reader.int32()
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  reader.tags()
  return { transactionalId, transactionTimeoutMs, producerId, producerEpoch }
}

export interface InitProducerIdResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** The error code, or 0 if there was no error. */
  readonly errorCode: number
  /** The current producer id. */
  readonly producerId: number
  /** The current epoch associated with the producer id. */
  readonly producerEpoch: number
}

function writeInitProducerIdResponse(writer: WireWriter, it: InitProducerIdResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.int16(it.errorCode)
  writer.int64(it.producerId)
  writer.int16(it.producerEpoch)
  writer.noTags()
}

function readInitProducerIdResponse(reader: WireReader, version: number): InitProducerIdResponse {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  reader.tags()
  return { throttleTimeMs, errorCode, producerId, producerEpoch }
}

/** InitProducerId, versions 4, 5. */
export const initProducerIdCodec: MessageCodec<InitProducerIdRequest, InitProducerIdResponse> = {
  name: 'InitProducerId',
  key: 22,
  versions: [4, 5],
  flexibleSince: 4,
  writeRequest: writeInitProducerIdRequest,
  readRequest: readInitProducerIdRequest,
  writeResponse: writeInitProducerIdResponse,
  readResponse: readInitProducerIdResponse,
}
