// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface AddPartitionsToTxnTopic {
  /** The name of the topic. */
  readonly name: string
  /** The partition indexes to add to the transaction. */
  readonly partitions: readonly number[]
}

function writeAddPartitionsToTxnTopic(writer: WireWriter, it: AddPartitionsToTxnTopic): void {
  writer.compactString(it.name)
  writer.compactArray(it.partitions, (one) => writer.int32(one))
  writer.noTags()
}

function readAddPartitionsToTxnTopic(reader: WireReader): AddPartitionsToTxnTopic {
  const name = reader.compactString()
  const partitions = reader.compactArray(() => reader.int32())
  reader.tags()
  return { name, partitions }
}

export interface AddPartitionsToTxnRequest {
  /** The transactional id corresponding to the transaction. */
  readonly v3AndBelowTransactionalId: string
  /** Current producer id in use by the transactional id. */
  readonly v3AndBelowProducerId: number
  /** Current epoch associated with the producer id. */
  readonly v3AndBelowProducerEpoch: number
  /** The partitions to add to the transaction. */
  readonly v3AndBelowTopics: readonly AddPartitionsToTxnTopic[]
}

function writeAddPartitionsToTxnRequest(writer: WireWriter, it: AddPartitionsToTxnRequest, version: number): void {
  writer.compactString(it.v3AndBelowTransactionalId)
  writer.int64(it.v3AndBelowProducerId)
  writer.int16(it.v3AndBelowProducerEpoch)
  writer.compactArray(it.v3AndBelowTopics, (one) => writeAddPartitionsToTxnTopic(writer, one))
  writer.noTags()
}

function readAddPartitionsToTxnRequest(reader: WireReader, version: number): AddPartitionsToTxnRequest {
  const v3AndBelowTransactionalId = reader.compactString()
  const v3AndBelowProducerId = reader.int64()
  const v3AndBelowProducerEpoch = reader.int16()
  const v3AndBelowTopics = reader.compactArray(() => readAddPartitionsToTxnTopic(reader))
  reader.tags()
  return { v3AndBelowTransactionalId, v3AndBelowProducerId, v3AndBelowProducerEpoch, v3AndBelowTopics }
}

export interface AddPartitionsToTxnTopicResult {
  /** The topic name. */
  readonly name: string
  /** The results for each partition. */
  readonly resultsByPartition: readonly AddPartitionsToTxnPartitionResult[]
}

function writeAddPartitionsToTxnTopicResult(writer: WireWriter, it: AddPartitionsToTxnTopicResult): void {
  writer.compactString(it.name)
  writer.compactArray(it.resultsByPartition, (one) => writeAddPartitionsToTxnPartitionResult(writer, one))
  writer.noTags()
}

function readAddPartitionsToTxnTopicResult(reader: WireReader): AddPartitionsToTxnTopicResult {
  const name = reader.compactString()
  const resultsByPartition = reader.compactArray(() => readAddPartitionsToTxnPartitionResult(reader))
  reader.tags()
  return { name, resultsByPartition }
}

export interface AddPartitionsToTxnPartitionResult {
  /** The partition indexes. */
  readonly partitionIndex: number
  /** The response error code. */
  readonly partitionErrorCode: number
}

function writeAddPartitionsToTxnPartitionResult(writer: WireWriter, it: AddPartitionsToTxnPartitionResult): void {
  writer.int32(it.partitionIndex)
  writer.int16(it.partitionErrorCode)
  writer.noTags()
}

function readAddPartitionsToTxnPartitionResult(reader: WireReader): AddPartitionsToTxnPartitionResult {
  const partitionIndex = reader.int32()
  const partitionErrorCode = reader.int16()
  reader.tags()
  return { partitionIndex, partitionErrorCode }
}

export interface AddPartitionsToTxnResponse {
  /** Duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** The results for each topic. */
  readonly resultsByTopicV3AndBelow: readonly AddPartitionsToTxnTopicResult[]
}

function writeAddPartitionsToTxnResponse(writer: WireWriter, it: AddPartitionsToTxnResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.compactArray(it.resultsByTopicV3AndBelow, (one) => writeAddPartitionsToTxnTopicResult(writer, one))
  writer.noTags()
}

function readAddPartitionsToTxnResponse(reader: WireReader, version: number): AddPartitionsToTxnResponse {
  const throttleTimeMs = reader.int32()
  const resultsByTopicV3AndBelow = reader.compactArray(() => readAddPartitionsToTxnTopicResult(reader))
  reader.tags()
  return { throttleTimeMs, resultsByTopicV3AndBelow }
}

/** AddPartitionsToTxn, versions 3. */
export const addPartitionsToTxnCodec: MessageCodec<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> = {
  name: 'AddPartitionsToTxn',
  key: 24,
  versions: [3],
  flexibleSince: 3,
  writeRequest: writeAddPartitionsToTxnRequest,
  readRequest: readAddPartitionsToTxnRequest,
  writeResponse: writeAddPartitionsToTxnResponse,
  readResponse: readAddPartitionsToTxnResponse,
}
