// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface OffsetCommitRequestPartition {
  /** The partition index. */
  readonly partitionIndex: number
  /** The message offset to be committed. */
  readonly committedOffset: number
  /** The leader epoch of this partition. */
  readonly committedLeaderEpoch?: number
  /** Any associated metadata the client wants to keep. */
  readonly committedMetadata: string | null
}

function writeOffsetCommitRequestPartition(writer: WireWriter, it: OffsetCommitRequestPartition): void {
  writer.int32(it.partitionIndex)
  writer.int64(it.committedOffset)
  writer.int32(it.committedLeaderEpoch ?? -1)
  writer.compactString(it.committedMetadata)
  writer.noTags()
}

function readOffsetCommitRequestPartition(reader: WireReader): OffsetCommitRequestPartition {
  const partitionIndex = reader.int32()
  const committedOffset = reader.int64()
  const committedLeaderEpoch = reader.int32()
  const committedMetadata = reader.compactNullableString()
  reader.tags()
  return { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }
}

export interface OffsetCommitRequestTopic {
  /** The topic name. */
  readonly name: string
  /** Each partition to commit offsets for. */
  readonly partitions: readonly OffsetCommitRequestPartition[]
}

function writeOffsetCommitRequestTopic(writer: WireWriter, it: OffsetCommitRequestTopic): void {
  writer.compactString(it.name)
  writer.compactArray(it.partitions, (one) => writeOffsetCommitRequestPartition(writer, one))
  writer.noTags()
}

function readOffsetCommitRequestTopic(reader: WireReader): OffsetCommitRequestTopic {
  const name = reader.compactString()
  const partitions = reader.compactArray(() => readOffsetCommitRequestPartition(reader))
  reader.tags()
  return { name, partitions }
}

export interface OffsetCommitRequest {
  /** The unique group identifier. */
  readonly groupId: string
  /** The generation of the group if using the classic group protocol or the member epoch if using the consumer protocol. */
  readonly generationIdOrMemberEpoch?: number
  /** The member ID assigned by the group coordinator. */
  readonly memberId: string
  /** The unique identifier of the consumer instance provided by end user. */
  readonly groupInstanceId?: string | null
  /** The topics to commit offsets for. */
  readonly topics: readonly OffsetCommitRequestTopic[]
}

function writeOffsetCommitRequest(writer: WireWriter, it: OffsetCommitRequest, version: number): void {
  writer.compactString(it.groupId)
  writer.int32(it.generationIdOrMemberEpoch ?? -1)
  writer.compactString(it.memberId)
  writer.compactString(it.groupInstanceId ?? null)
  writer.compactArray(it.topics, (one) => writeOffsetCommitRequestTopic(writer, one))
  writer.noTags()
}

function readOffsetCommitRequest(reader: WireReader, version: number): OffsetCommitRequest {
  const groupId = reader.compactString()
  const generationIdOrMemberEpoch = reader.int32()
  const memberId = reader.compactString()
  const groupInstanceId = reader.compactNullableString()
  const topics = reader.compactArray(() => readOffsetCommitRequestTopic(reader))
  reader.tags()
  return { groupId, generationIdOrMemberEpoch, memberId, groupInstanceId, topics }
}

export interface OffsetCommitResponsePartition {
  /** The partition index. */
  readonly partitionIndex: number
  /** The error code, or 0 if there was no error. */
  readonly errorCode: number
}

function writeOffsetCommitResponsePartition(writer: WireWriter, it: OffsetCommitResponsePartition): void {
  writer.int32(it.partitionIndex)
  writer.int16(it.errorCode)
  writer.noTags()
}

function readOffsetCommitResponsePartition(reader: WireReader): OffsetCommitResponsePartition {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  reader.tags()
  return { partitionIndex, errorCode }
}

export interface OffsetCommitResponseTopic {
  /** The topic name. */
  readonly name: string
  /** The responses for each partition in the topic. */
  readonly partitions: readonly OffsetCommitResponsePartition[]
}

function writeOffsetCommitResponseTopic(writer: WireWriter, it: OffsetCommitResponseTopic): void {
  writer.compactString(it.name)
  writer.compactArray(it.partitions, (one) => writeOffsetCommitResponsePartition(writer, one))
  writer.noTags()
}

function readOffsetCommitResponseTopic(reader: WireReader): OffsetCommitResponseTopic {
  const name = reader.compactString()
  const partitions = reader.compactArray(() => readOffsetCommitResponsePartition(reader))
  reader.tags()
  return { name, partitions }
}

export interface OffsetCommitResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** The responses for each topic. */
  readonly topics: readonly OffsetCommitResponseTopic[]
}

function writeOffsetCommitResponse(writer: WireWriter, it: OffsetCommitResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.compactArray(it.topics, (one) => writeOffsetCommitResponseTopic(writer, one))
  writer.noTags()
}

function readOffsetCommitResponse(reader: WireReader, version: number): OffsetCommitResponse {
  const throttleTimeMs = reader.int32()
  const topics = reader.compactArray(() => readOffsetCommitResponseTopic(reader))
  reader.tags()
  return { throttleTimeMs, topics }
}

/** OffsetCommit, versions 8. */
export const offsetCommitCodec: MessageCodec<OffsetCommitRequest, OffsetCommitResponse> = {
  name: 'OffsetCommit',
  key: 8,
  versions: [8],
  flexibleSince: 8,
  writeRequest: writeOffsetCommitRequest,
  readRequest: readOffsetCommitRequest,
  writeResponse: writeOffsetCommitResponse,
  readResponse: readOffsetCommitResponse,
}
