// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface TxnOffsetCommitRequestPartition {
  /** The index of the partition within the topic. */
  readonly partitionIndex: number
  /** The message offset to be committed. */
  readonly committedOffset: number
  /** The leader epoch of the last consumed record. */
  readonly committedLeaderEpoch?: number
  /** Any associated metadata the client wants to keep. */
  readonly committedMetadata: string | null
}

function writeTxnOffsetCommitRequestPartition(writer: WireWriter, it: TxnOffsetCommitRequestPartition): void {
  writer.int32(it.partitionIndex)
  writer.int64(it.committedOffset)
  writer.int32(it.committedLeaderEpoch ?? -1)
  writer.compactString(it.committedMetadata)
  writer.noTags()
}

function readTxnOffsetCommitRequestPartition(reader: WireReader): TxnOffsetCommitRequestPartition {
  const partitionIndex = reader.int32()
  const committedOffset = reader.int64()
  const committedLeaderEpoch = reader.int32()
  const committedMetadata = reader.compactNullableString()
  reader.tags()
  return { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }
}

export interface TxnOffsetCommitRequestTopic {
  /** The topic name. */
  readonly name: string
  /** The partitions inside the topic that we want to commit offsets for. */
  readonly partitions: readonly TxnOffsetCommitRequestPartition[]
}

function writeTxnOffsetCommitRequestTopic(writer: WireWriter, it: TxnOffsetCommitRequestTopic): void {
  writer.compactString(it.name)
  writer.compactArray(it.partitions, (one) => writeTxnOffsetCommitRequestPartition(writer, one))
  writer.noTags()
}

function readTxnOffsetCommitRequestTopic(reader: WireReader): TxnOffsetCommitRequestTopic {
  const name = reader.compactString()
  const partitions = reader.compactArray(() => readTxnOffsetCommitRequestPartition(reader))
  reader.tags()
  return { name, partitions }
}

export interface TxnOffsetCommitRequest {
  /** The ID of the transaction. */
  readonly transactionalId: string
  /** The ID of the group. */
  readonly groupId: string
  /** The current producer ID in use by the transactional ID. */
  readonly producerId: number
  /** The current epoch associated with the producer ID. */
  readonly producerEpoch: number
  /** The generation of the group if using the classic group protocol or the member epoch if using the consumer protocol. */
  readonly generationIdOrMemberEpoch?: number
  /** The member ID assigned by the group coordinator. */
  readonly memberId?: string
  /** The unique identifier of the consumer instance provided by end user. */
  readonly groupInstanceId?: string | null
  /** Each topic that we want to commit offsets for. */
  readonly topics: readonly TxnOffsetCommitRequestTopic[]
}

function writeTxnOffsetCommitRequest(writer: WireWriter, it: TxnOffsetCommitRequest, version: number): void {
  writer.compactString(it.transactionalId)
  writer.compactString(it.groupId)
  writer.int64(it.producerId)
  writer.int16(it.producerEpoch)
  writer.int32(it.generationIdOrMemberEpoch ?? -1)
  writer.compactString(it.memberId ?? '')
  writer.compactString(it.groupInstanceId ?? null)
  writer.compactArray(it.topics, (one) => writeTxnOffsetCommitRequestTopic(writer, one))
  writer.noTags()
}

function readTxnOffsetCommitRequest(reader: WireReader, version: number): TxnOffsetCommitRequest {
  const transactionalId = reader.compactString()
  const groupId = reader.compactString()
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  const generationIdOrMemberEpoch = reader.int32()
  const memberId = reader.compactString()
  const groupInstanceId = reader.compactNullableString()
  const topics = reader.compactArray(() => readTxnOffsetCommitRequestTopic(reader))
  reader.tags()
  return { transactionalId, groupId, producerId, producerEpoch, generationIdOrMemberEpoch, memberId, groupInstanceId, topics }
}

export interface TxnOffsetCommitResponsePartition {
  /** The partition index. */
  readonly partitionIndex: number
  /** The error code, or 0 if there was no error. */
  readonly errorCode: number
}

function writeTxnOffsetCommitResponsePartition(writer: WireWriter, it: TxnOffsetCommitResponsePartition): void {
  writer.int32(it.partitionIndex)
  writer.int16(it.errorCode)
  writer.noTags()
}

function readTxnOffsetCommitResponsePartition(reader: WireReader): TxnOffsetCommitResponsePartition {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  reader.tags()
  return { partitionIndex, errorCode }
}

export interface TxnOffsetCommitResponseTopic {
  /** The topic name. */
  readonly name: string
  /** The responses for each partition in the topic. */
  readonly partitions: readonly TxnOffsetCommitResponsePartition[]
}

function writeTxnOffsetCommitResponseTopic(writer: WireWriter, it: TxnOffsetCommitResponseTopic): void {
  writer.compactString(it.name)
  writer.compactArray(it.partitions, (one) => writeTxnOffsetCommitResponsePartition(writer, one))
  writer.noTags()
}

function readTxnOffsetCommitResponseTopic(reader: WireReader): TxnOffsetCommitResponseTopic {
  const name = reader.compactString()
  const partitions = reader.compactArray(() => readTxnOffsetCommitResponsePartition(reader))
  reader.tags()
  return { name, partitions }
}

export interface TxnOffsetCommitResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** The responses for each topic. */
  readonly topics: readonly TxnOffsetCommitResponseTopic[]
}

function writeTxnOffsetCommitResponse(writer: WireWriter, it: TxnOffsetCommitResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.compactArray(it.topics, (one) => writeTxnOffsetCommitResponseTopic(writer, one))
  writer.noTags()
}

function readTxnOffsetCommitResponse(reader: WireReader, version: number): TxnOffsetCommitResponse {
  const throttleTimeMs = reader.int32()
  const topics = reader.compactArray(() => readTxnOffsetCommitResponseTopic(reader))
  reader.tags()
  return { throttleTimeMs, topics }
}

/** TxnOffsetCommit, versions 3, 4, 5. */
export const txnOffsetCommitCodec: MessageCodec<TxnOffsetCommitRequest, TxnOffsetCommitResponse> = {
  name: 'TxnOffsetCommit',
  key: 28,
  versions: [3, 4, 5],
  flexibleSince: 3,
  writeRequest: writeTxnOffsetCommitRequest,
  readRequest: readTxnOffsetCommitRequest,
  writeResponse: writeTxnOffsetCommitResponse,
  readResponse: readTxnOffsetCommitResponse,
}
