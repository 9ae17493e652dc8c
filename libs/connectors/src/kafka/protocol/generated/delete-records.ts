// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface DeleteRecordsPartition {
  /** The partition index. */
  readonly partitionIndex: number
  /** The deletion offset. -1 means that records should be truncated to the high watermark. */
  readonly offset: number
}

function writeDeleteRecordsPartition(writer: WireWriter, it: DeleteRecordsPartition): void {
  writer.int32(it.partitionIndex)
  writer.int64(it.offset)
  writer.noTags()
}

function readDeleteRecordsPartition(reader: WireReader): DeleteRecordsPartition {
  const partitionIndex = reader.int32()
  const offset = reader.int64()
  reader.tags()
  return { partitionIndex, offset }
}

export interface DeleteRecordsTopic {
  /** The topic name. */
  readonly name: string
  /** Each partition that we want to delete records from. */
  readonly partitions: readonly DeleteRecordsPartition[]
}

function writeDeleteRecordsTopic(writer: WireWriter, it: DeleteRecordsTopic): void {
  writer.compactString(it.name)
  writer.compactArray(it.partitions, (one) => writeDeleteRecordsPartition(writer, one))
  writer.noTags()
}

function readDeleteRecordsTopic(reader: WireReader): DeleteRecordsTopic {
  const name = reader.compactString()
  const partitions = reader.compactArray(() => readDeleteRecordsPartition(reader))
  reader.tags()
  return { name, partitions }
}

export interface DeleteRecordsRequest {
  /** Each topic that we want to delete records from. */
  readonly topics: readonly DeleteRecordsTopic[]
  /** How long to wait for the deletion to complete, in milliseconds. */
  readonly timeoutMs: number
}

function writeDeleteRecordsRequest(writer: WireWriter, it: DeleteRecordsRequest, version: number): void {
  writer.compactArray(it.topics, (one) => writeDeleteRecordsTopic(writer, one))
  writer.int32(it.timeoutMs)
  writer.noTags()
}

function readDeleteRecordsRequest(reader: WireReader, version: number): DeleteRecordsRequest {
  const topics = reader.compactArray(() => readDeleteRecordsTopic(reader))
  const timeoutMs = reader.int32()
  reader.tags()
  return { topics, timeoutMs }
}

export interface DeleteRecordsPartitionResult {
  /** The partition index. */
  readonly partitionIndex: number
  /** The partition low water mark. */
  readonly lowWatermark: number
  /** The deletion error code, or 0 if the deletion succeeded. */
  readonly errorCode: number
}

function writeDeleteRecordsPartitionResult(writer: WireWriter, it: DeleteRecordsPartitionResult): void {
  writer.int32(it.partitionIndex)
  writer.int64(it.lowWatermark)
  writer.int16(it.errorCode)
  writer.noTags()
}

function readDeleteRecordsPartitionResult(reader: WireReader): DeleteRecordsPartitionResult {
  const partitionIndex = reader.int32()
  const lowWatermark = reader.int64()
  const errorCode = reader.int16()
  reader.tags()
  return { partitionIndex, lowWatermark, errorCode }
}

export interface DeleteRecordsTopicResult {
  /** The topic name. */
  readonly name: string
  /** Each partition that we wanted to delete records from. */
  readonly partitions: readonly DeleteRecordsPartitionResult[]
}

function writeDeleteRecordsTopicResult(writer: WireWriter, it: DeleteRecordsTopicResult): void {
  writer.compactString(it.name)
  writer.compactArray(it.partitions, (one) => writeDeleteRecordsPartitionResult(writer, one))
  writer.noTags()
}

function readDeleteRecordsTopicResult(reader: WireReader): DeleteRecordsTopicResult {
  const name = reader.compactString()
  const partitions = reader.compactArray(() => readDeleteRecordsPartitionResult(reader))
  reader.tags()
  return { name, partitions }
}

export interface DeleteRecordsResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** Each topic that we wanted to delete records from. */
  readonly topics: readonly DeleteRecordsTopicResult[]
}

function writeDeleteRecordsResponse(writer: WireWriter, it: DeleteRecordsResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.compactArray(it.topics, (one) => writeDeleteRecordsTopicResult(writer, one))
  writer.noTags()
}

function readDeleteRecordsResponse(reader: WireReader, version: number): DeleteRecordsResponse {
  const throttleTimeMs = reader.int32()
  const topics = reader.compactArray(() => readDeleteRecordsTopicResult(reader))
  reader.tags()
  return { throttleTimeMs, topics }
}

/** DeleteRecords, versions 2. */
export const deleteRecordsCodec: MessageCodec<DeleteRecordsRequest, DeleteRecordsResponse> = {
  name: 'DeleteRecords',
  key: 21,
  versions: [2],
  flexibleSince: 2,
  writeRequest: writeDeleteRecordsRequest,
  readRequest: readDeleteRecordsRequest,
  writeResponse: writeDeleteRecordsResponse,
  readResponse: readDeleteRecordsResponse,
}
