// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import { refuseField, sameValue, type MessageCodec } from '../message-codec.ts'
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

function writeOffsetCommitRequestPartition(writer: WireWriter, it: OffsetCommitRequestPartition, version: number): void {
  writer.int32(it.partitionIndex)
  writer.int64(it.committedOffset)
  if (version >= 6) writer.int32(it.committedLeaderEpoch ?? -1)
  if (version >= 8) writer.compactString(it.committedMetadata)
  else writer.string(it.committedMetadata)
  if (version >= 8) writer.noTags()
}

function readOffsetCommitRequestPartition(reader: WireReader, version: number): OffsetCommitRequestPartition {
  const partitionIndex = reader.int32()
  const committedOffset = reader.int64()
  const committedLeaderEpoch = version >= 6 ? reader.int32() : -1
  const committedMetadata = version >= 8 ? reader.compactNullableString() : reader.nullableString()
  if (version >= 8) reader.tags()
  return { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }
}

export interface OffsetCommitRequestTopic {
  /** The topic name. */
  readonly name: string
  /** Each partition to commit offsets for. */
  readonly partitions: readonly OffsetCommitRequestPartition[]
}

function writeOffsetCommitRequestTopic(writer: WireWriter, it: OffsetCommitRequestTopic, version: number): void {
  if (version >= 8) writer.compactString(it.name)
  else writer.string(it.name)
  if (version >= 8) writer.compactArray(it.partitions, (one) => writeOffsetCommitRequestPartition(writer, one, version))
  else writer.array(it.partitions, (one) => writeOffsetCommitRequestPartition(writer, one, version))
  if (version >= 8) writer.noTags()
}

function readOffsetCommitRequestTopic(reader: WireReader, version: number): OffsetCommitRequestTopic {
  const name = version >= 8 ? reader.compactString() : reader.string()
  const partitions = version >= 8 ? reader.compactArray(() => readOffsetCommitRequestPartition(reader, version)) : reader.array(() => readOffsetCommitRequestPartition(reader, version))
  if (version >= 8) reader.tags()
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
  if (version >= 8) writer.compactString(it.groupId)
  else writer.string(it.groupId)
  writer.int32(it.generationIdOrMemberEpoch ?? -1)
  if (version >= 8) writer.compactString(it.memberId)
  else writer.string(it.memberId)
  if (version >= 7) writer.compactString(it.groupInstanceId ?? null)
  if (version >= 8) writer.compactArray(it.topics, (one) => writeOffsetCommitRequestTopic(writer, one, version))
  else writer.array(it.topics, (one) => writeOffsetCommitRequestTopic(writer, one, version))
  if (!(version >= 7) && !sameValue(it.groupInstanceId ?? null, null)) refuseField('OffsetCommitRequest', 'groupInstanceId', version)
  if (version >= 8) writer.noTags()
}

function readOffsetCommitRequest(reader: WireReader, version: number): OffsetCommitRequest {
  const groupId = version >= 8 ? reader.compactString() : reader.string()
  const generationIdOrMemberEpoch = reader.int32()
  const memberId = version >= 8 ? reader.compactString() : reader.string()
  const groupInstanceId = version >= 7 ? reader.compactNullableString() : null
  const topics = version >= 8 ? reader.compactArray(() => readOffsetCommitRequestTopic(reader, version)) : reader.array(() => readOffsetCommitRequestTopic(reader, version))
  if (version >= 8) reader.tags()
  return { groupId, generationIdOrMemberEpoch, memberId, groupInstanceId, topics }
}

export interface OffsetCommitResponsePartition {
  /** The partition index. */
  readonly partitionIndex: number
  /** The error code, or 0 if there was no error. */
  readonly errorCode: number
}

function writeOffsetCommitResponsePartition(writer: WireWriter, it: OffsetCommitResponsePartition, version: number): void {
  writer.int32(it.partitionIndex)
  writer.int16(it.errorCode)
  if (version >= 8) writer.noTags()
}

function readOffsetCommitResponsePartition(reader: WireReader, version: number): OffsetCommitResponsePartition {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  if (version >= 8) reader.tags()
  return { partitionIndex, errorCode }
}

export interface OffsetCommitResponseTopic {
  /** The topic name. */
  readonly name: string
  /** The responses for each partition in the topic. */
  readonly partitions: readonly OffsetCommitResponsePartition[]
}

function writeOffsetCommitResponseTopic(writer: WireWriter, it: OffsetCommitResponseTopic, version: number): void {
  if (version >= 8) writer.compactString(it.name)
  else writer.string(it.name)
  if (version >= 8) writer.compactArray(it.partitions, (one) => writeOffsetCommitResponsePartition(writer, one, version))
  else writer.array(it.partitions, (one) => writeOffsetCommitResponsePartition(writer, one, version))
  if (version >= 8) writer.noTags()
}

function readOffsetCommitResponseTopic(reader: WireReader, version: number): OffsetCommitResponseTopic {
  const name = version >= 8 ? reader.compactString() : reader.string()
  const partitions = version >= 8 ? reader.compactArray(() => readOffsetCommitResponsePartition(reader, version)) : reader.array(() => readOffsetCommitResponsePartition(reader, version))
  if (version >= 8) reader.tags()
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
  if (version >= 8) writer.compactArray(it.topics, (one) => writeOffsetCommitResponseTopic(writer, one, version))
  else writer.array(it.topics, (one) => writeOffsetCommitResponseTopic(writer, one, version))
  if (version >= 8) writer.noTags()
}

function readOffsetCommitResponse(reader: WireReader, version: number): OffsetCommitResponse {
  const throttleTimeMs = reader.int32()
  const topics = version >= 8 ? reader.compactArray(() => readOffsetCommitResponseTopic(reader, version)) : reader.array(() => readOffsetCommitResponseTopic(reader, version))
  if (version >= 8) reader.tags()
  return { throttleTimeMs, topics }
}

/** OffsetCommit, versions 5, 8. */
export const offsetCommitCodec: MessageCodec<OffsetCommitRequest, OffsetCommitResponse> = {
  name: 'OffsetCommit',
  key: 8,
  versions: [5, 8],
  flexibleSince: 8,
  writeRequest: writeOffsetCommitRequest,
  readRequest: readOffsetCommitRequest,
  writeResponse: writeOffsetCommitResponse,
  readResponse: readOffsetCommitResponse,
}
