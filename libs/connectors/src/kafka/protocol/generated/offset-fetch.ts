// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import { refuseField, sameValue, type MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface OffsetFetchRequestTopic {
  /** The topic name. */
  readonly name: string
  /** The partition indexes we would like to fetch offsets for. */
  readonly partitionIndexes: readonly number[]
}

function writeOffsetFetchRequestTopic(writer: WireWriter, it: OffsetFetchRequestTopic): void {
  writer.compactString(it.name)
  writer.compactArray(it.partitionIndexes, (one) => writer.int32(one))
  writer.noTags()
}

function readOffsetFetchRequestTopic(reader: WireReader): OffsetFetchRequestTopic {
  const name = reader.compactString()
  const partitionIndexes = reader.compactArray(() => reader.int32())
  reader.tags()
  return { name, partitionIndexes }
}

export interface OffsetFetchRequestTopics {
  /** The topic name. */
  readonly name: string
  /** The partition indexes we would like to fetch offsets for. */
  readonly partitionIndexes: readonly number[]
}

function writeOffsetFetchRequestTopics(writer: WireWriter, it: OffsetFetchRequestTopics): void {
  writer.compactString(it.name)
  writer.compactArray(it.partitionIndexes, (one) => writer.int32(one))
  writer.noTags()
}

function readOffsetFetchRequestTopics(reader: WireReader): OffsetFetchRequestTopics {
  const name = reader.compactString()
  const partitionIndexes = reader.compactArray(() => reader.int32())
  reader.tags()
  return { name, partitionIndexes }
}

export interface OffsetFetchRequestGroup {
  /** The group ID. */
  readonly groupId: string
  /** Each topic we would like to fetch offsets for, or null to fetch offsets for all topics. */
  readonly topics: readonly OffsetFetchRequestTopics[] | null
}

function writeOffsetFetchRequestGroup(writer: WireWriter, it: OffsetFetchRequestGroup): void {
  writer.compactString(it.groupId)
  writer.compactArray(it.topics, (one) => writeOffsetFetchRequestTopics(writer, one))
  writer.noTags()
}

function readOffsetFetchRequestGroup(reader: WireReader): OffsetFetchRequestGroup {
  const groupId = reader.compactString()
  const topics = reader.compactNullableArray(() => readOffsetFetchRequestTopics(reader))
  reader.tags()
  return { groupId, topics }
}

export interface OffsetFetchRequest {
  /** The group to fetch offsets for. */
  readonly groupId?: string
  /** Each topic we would like to fetch offsets for, or null to fetch offsets for all topics. */
  readonly topics?: readonly OffsetFetchRequestTopic[] | null
  /** Each group we would like to fetch offsets for. */
  readonly groups?: readonly OffsetFetchRequestGroup[]
  /** Whether broker should hold on returning unstable offsets but set a retriable error code for the partitions. */
  readonly requireStable?: boolean
}

function writeOffsetFetchRequest(writer: WireWriter, it: OffsetFetchRequest, version: number): void {
  if (version <= 7) writer.compactString(it.groupId ?? '')
  if (version <= 7) writer.compactArray(it.topics === undefined ? [] : it.topics, (one) => writeOffsetFetchRequestTopic(writer, one))
  if (version >= 8) writer.compactArray(it.groups ?? [], (one) => writeOffsetFetchRequestGroup(writer, one))
  writer.boolean(it.requireStable ?? false)
  if (!(version <= 7) && !sameValue(it.groupId ?? '', '')) refuseField('OffsetFetchRequest', 'groupId', version)
  if (!(version <= 7) && !sameValue(it.topics === undefined ? [] : it.topics, [])) refuseField('OffsetFetchRequest', 'topics', version)
  if (!(version >= 8) && !sameValue(it.groups ?? [], [])) refuseField('OffsetFetchRequest', 'groups', version)
  writer.noTags()
}

function readOffsetFetchRequest(reader: WireReader, version: number): OffsetFetchRequest {
  const groupId = version <= 7 ? reader.compactString() : ''
  const topics = version <= 7 ? reader.compactNullableArray(() => readOffsetFetchRequestTopic(reader)) : []
  const groups = version >= 8 ? reader.compactArray(() => readOffsetFetchRequestGroup(reader)) : []
  const requireStable = reader.boolean()
  reader.tags()
  return { groupId, topics, groups, requireStable }
}

export interface OffsetFetchResponsePartition {
  /** The partition index. */
  readonly partitionIndex: number
  /** The committed message offset. */
  readonly committedOffset: number
  /** The leader epoch. */
  readonly committedLeaderEpoch: number
  /** The partition metadata. */
  readonly metadata: string | null
  /** The error code, or 0 if there was no error. */
  readonly errorCode: number
}

function writeOffsetFetchResponsePartition(writer: WireWriter, it: OffsetFetchResponsePartition): void {
  writer.int32(it.partitionIndex)
  writer.int64(it.committedOffset)
  writer.int32(it.committedLeaderEpoch)
  writer.compactString(it.metadata)
  writer.int16(it.errorCode)
  writer.noTags()
}

function readOffsetFetchResponsePartition(reader: WireReader): OffsetFetchResponsePartition {
  const partitionIndex = reader.int32()
  const committedOffset = reader.int64()
  const committedLeaderEpoch = reader.int32()
  const metadata = reader.compactNullableString()
  const errorCode = reader.int16()
  reader.tags()
  return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode }
}

export interface OffsetFetchResponseTopic {
  /** The topic name. */
  readonly name: string
  /** The responses per partition. */
  readonly partitions: readonly OffsetFetchResponsePartition[]
}

function writeOffsetFetchResponseTopic(writer: WireWriter, it: OffsetFetchResponseTopic): void {
  writer.compactString(it.name)
  writer.compactArray(it.partitions, (one) => writeOffsetFetchResponsePartition(writer, one))
  writer.noTags()
}

function readOffsetFetchResponseTopic(reader: WireReader): OffsetFetchResponseTopic {
  const name = reader.compactString()
  const partitions = reader.compactArray(() => readOffsetFetchResponsePartition(reader))
  reader.tags()
  return { name, partitions }
}

export interface OffsetFetchResponsePartitions {
  /** The partition index. */
  readonly partitionIndex: number
  /** The committed message offset. */
  readonly committedOffset: number
  /** The leader epoch. */
  readonly committedLeaderEpoch: number
  /** The partition metadata. */
  readonly metadata: string | null
  /** The partition-level error code, or 0 if there was no error. */
  readonly errorCode: number
}

function writeOffsetFetchResponsePartitions(writer: WireWriter, it: OffsetFetchResponsePartitions): void {
  writer.int32(it.partitionIndex)
  writer.int64(it.committedOffset)
  writer.int32(it.committedLeaderEpoch)
  writer.compactString(it.metadata)
  writer.int16(it.errorCode)
  writer.noTags()
}

function readOffsetFetchResponsePartitions(reader: WireReader): OffsetFetchResponsePartitions {
  const partitionIndex = reader.int32()
  const committedOffset = reader.int64()
  const committedLeaderEpoch = reader.int32()
  const metadata = reader.compactNullableString()
  const errorCode = reader.int16()
  reader.tags()
  return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode }
}

export interface OffsetFetchResponseTopics {
  /** The topic name. */
  readonly name: string
  /** The responses per partition. */
  readonly partitions: readonly OffsetFetchResponsePartitions[]
}

function writeOffsetFetchResponseTopics(writer: WireWriter, it: OffsetFetchResponseTopics): void {
  writer.compactString(it.name)
  writer.compactArray(it.partitions, (one) => writeOffsetFetchResponsePartitions(writer, one))
  writer.noTags()
}

function readOffsetFetchResponseTopics(reader: WireReader): OffsetFetchResponseTopics {
  const name = reader.compactString()
  const partitions = reader.compactArray(() => readOffsetFetchResponsePartitions(reader))
  reader.tags()
  return { name, partitions }
}

export interface OffsetFetchResponseGroup {
  /** The group ID. */
  readonly groupId: string
  /** The responses per topic. */
  readonly topics: readonly OffsetFetchResponseTopics[]
  /** The group-level error code, or 0 if there was no error. */
  readonly errorCode: number
}

function writeOffsetFetchResponseGroup(writer: WireWriter, it: OffsetFetchResponseGroup): void {
  writer.compactString(it.groupId)
  writer.compactArray(it.topics, (one) => writeOffsetFetchResponseTopics(writer, one))
  writer.int16(it.errorCode)
  writer.noTags()
}

function readOffsetFetchResponseGroup(reader: WireReader): OffsetFetchResponseGroup {
  const groupId = reader.compactString()
  const topics = reader.compactArray(() => readOffsetFetchResponseTopics(reader))
  const errorCode = reader.int16()
  reader.tags()
  return { groupId, topics, errorCode }
}

export interface OffsetFetchResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** The responses per topic. */
  readonly topics: readonly OffsetFetchResponseTopic[]
  /** The top-level error code, or 0 if there was no error. */
  readonly errorCode: number
  /** The responses per group id. */
  readonly groups: readonly OffsetFetchResponseGroup[]
}

function writeOffsetFetchResponse(writer: WireWriter, it: OffsetFetchResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  if (version <= 7) writer.compactArray(it.topics, (one) => writeOffsetFetchResponseTopic(writer, one))
  if (version <= 7) writer.int16(it.errorCode)
  if (version >= 8) writer.compactArray(it.groups, (one) => writeOffsetFetchResponseGroup(writer, one))
  writer.noTags()
}

function readOffsetFetchResponse(reader: WireReader, version: number): OffsetFetchResponse {
  const throttleTimeMs = reader.int32()
  const topics = version <= 7 ? reader.compactArray(() => readOffsetFetchResponseTopic(reader)) : []
  const errorCode = version <= 7 ? reader.int16() : 0
  const groups = version >= 8 ? reader.compactArray(() => readOffsetFetchResponseGroup(reader)) : []
  reader.tags()
  return { throttleTimeMs, topics, errorCode, groups }
}

/** OffsetFetch, versions 7, 8. */
export const offsetFetchCodec: MessageCodec<OffsetFetchRequest, OffsetFetchResponse> = {
  name: 'OffsetFetch',
  key: 9,
  versions: [7, 8],
  flexibleSince: 7,
  writeRequest: writeOffsetFetchRequest,
  readRequest: readOffsetFetchRequest,
  writeResponse: writeOffsetFetchResponse,
  readResponse: readOffsetFetchResponse,
}
