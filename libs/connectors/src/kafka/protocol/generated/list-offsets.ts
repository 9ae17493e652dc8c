// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface ListOffsetsPartition {
  /** The partition index. */
  readonly partitionIndex: number
  /** The current leader epoch. */
  readonly currentLeaderEpoch?: number
  /** The current timestamp. */
  readonly timestamp: number
}

function writeListOffsetsPartition(writer: WireWriter, it: ListOffsetsPartition, version: number): void {
  writer.int32(it.partitionIndex)
  if (version >= 4) writer.int32(it.currentLeaderEpoch ?? -1)
  writer.int64(it.timestamp)
  if (version >= 6) writer.noTags()
}

function readListOffsetsPartition(reader: WireReader, version: number): ListOffsetsPartition {
  const partitionIndex = reader.int32()
  const currentLeaderEpoch = version >= 4 ? reader.int32() : -1
  const timestamp = reader.int64()
  if (version >= 6) reader.tags()
  return { partitionIndex, currentLeaderEpoch, timestamp }
}

export interface ListOffsetsTopic {
  /** The topic name. */
  readonly name: string
  /** Each partition in the request. */
  readonly partitions: readonly ListOffsetsPartition[]
}

function writeListOffsetsTopic(writer: WireWriter, it: ListOffsetsTopic, version: number): void {
  if (version >= 6) writer.compactString(it.name)
  else writer.string(it.name)
  if (version >= 6) writer.compactArray(it.partitions, (one) => writeListOffsetsPartition(writer, one, version))
  else writer.array(it.partitions, (one) => writeListOffsetsPartition(writer, one, version))
  if (version >= 6) writer.noTags()
}

function readListOffsetsTopic(reader: WireReader, version: number): ListOffsetsTopic {
  const name = version >= 6 ? reader.compactString() : reader.string()
  const partitions = version >= 6 ? reader.compactArray(() => readListOffsetsPartition(reader, version)) : reader.array(() => readListOffsetsPartition(reader, version))
  if (version >= 6) reader.tags()
  return { name, partitions }
}

export interface ListOffsetsRequest {
  /** The broker ID of the requester, or -1 if this request is being made by a normal consumer. */
  readonly replicaId: number
  /** This setting controls the visibility of transactional records. Using READ_UNCOMMITTED (isolation_level = 0) makes all records visible. With READ_COMMITTED (isolation_level = 1), non-transactional and COMMITTED transactional records are visible. To be more concrete, READ_COMMITTED returns all data from offsets smaller than the current LSO (last stable offset), and enables the inclusion of the list of aborted transactions in the result, which allows consumers to discard ABORTED transactional records. */
  readonly isolationLevel: number
  /** Each topic in the request. */
  readonly topics: readonly ListOffsetsTopic[]
}

function writeListOffsetsRequest(writer: WireWriter, it: ListOffsetsRequest, version: number): void {
  writer.int32(it.replicaId)
  writer.int8(it.isolationLevel)
  if (version >= 6) writer.compactArray(it.topics, (one) => writeListOffsetsTopic(writer, one, version))
  else writer.array(it.topics, (one) => writeListOffsetsTopic(writer, one, version))
  if (version >= 6) writer.noTags()
}

function readListOffsetsRequest(reader: WireReader, version: number): ListOffsetsRequest {
  const replicaId = reader.int32()
  const isolationLevel = reader.int8()
  const topics = version >= 6 ? reader.compactArray(() => readListOffsetsTopic(reader, version)) : reader.array(() => readListOffsetsTopic(reader, version))
  if (version >= 6) reader.tags()
  return { replicaId, isolationLevel, topics }
}

export interface ListOffsetsPartitionResponse {
  /** The partition index. */
  readonly partitionIndex: number
  /** The partition error code, or 0 if there was no error. */
  readonly errorCode: number
  /** The timestamp associated with the returned offset. */
  readonly timestamp: number
  /** The returned offset. */
  readonly offset: number
  /** The leader epoch associated with the returned offset. */
  readonly leaderEpoch: number
}

function writeListOffsetsPartitionResponse(writer: WireWriter, it: ListOffsetsPartitionResponse, version: number): void {
  writer.int32(it.partitionIndex)
  writer.int16(it.errorCode)
  writer.int64(it.timestamp)
  writer.int64(it.offset)
  if (version >= 4) writer.int32(it.leaderEpoch)
  if (version >= 6) writer.noTags()
}

function readListOffsetsPartitionResponse(reader: WireReader, version: number): ListOffsetsPartitionResponse {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const timestamp = reader.int64()
  const offset = reader.int64()
  const leaderEpoch = version >= 4 ? reader.int32() : -1
  if (version >= 6) reader.tags()
  return { partitionIndex, errorCode, timestamp, offset, leaderEpoch }
}

export interface ListOffsetsTopicResponse {
  /** The topic name. */
  readonly name: string
  /** Each partition in the response. */
  readonly partitions: readonly ListOffsetsPartitionResponse[]
}

function writeListOffsetsTopicResponse(writer: WireWriter, it: ListOffsetsTopicResponse, version: number): void {
  if (version >= 6) writer.compactString(it.name)
  else writer.string(it.name)
  if (version >= 6) writer.compactArray(it.partitions, (one) => writeListOffsetsPartitionResponse(writer, one, version))
  else writer.array(it.partitions, (one) => writeListOffsetsPartitionResponse(writer, one, version))
  if (version >= 6) writer.noTags()
}

function readListOffsetsTopicResponse(reader: WireReader, version: number): ListOffsetsTopicResponse {
  const name = version >= 6 ? reader.compactString() : reader.string()
  const partitions = version >= 6 ? reader.compactArray(() => readListOffsetsPartitionResponse(reader, version)) : reader.array(() => readListOffsetsPartitionResponse(reader, version))
  if (version >= 6) reader.tags()
  return { name, partitions }
}

export interface ListOffsetsResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** Each topic in the response. */
  readonly topics: readonly ListOffsetsTopicResponse[]
}

function writeListOffsetsResponse(writer: WireWriter, it: ListOffsetsResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  if (version >= 6) writer.compactArray(it.topics, (one) => writeListOffsetsTopicResponse(writer, one, version))
  else writer.array(it.topics, (one) => writeListOffsetsTopicResponse(writer, one, version))
  if (version >= 6) writer.noTags()
}

function readListOffsetsResponse(reader: WireReader, version: number): ListOffsetsResponse {
  const throttleTimeMs = reader.int32()
  const topics = version >= 6 ? reader.compactArray(() => readListOffsetsTopicResponse(reader, version)) : reader.array(() => readListOffsetsTopicResponse(reader, version))
  if (version >= 6) reader.tags()
  return { throttleTimeMs, topics }
}

/** ListOffsets, versions 3, 7. */
export const listOffsetsCodec: MessageCodec<ListOffsetsRequest, ListOffsetsResponse> = {
  name: 'ListOffsets',
  key: 2,
  versions: [3, 7],
  flexibleSince: 7,
  writeRequest: writeListOffsetsRequest,
  readRequest: readListOffsetsRequest,
  writeResponse: writeListOffsetsResponse,
  readResponse: readListOffsetsResponse,
}
