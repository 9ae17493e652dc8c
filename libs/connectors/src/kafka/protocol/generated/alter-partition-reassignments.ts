// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface ReassignablePartition {
  /** The partition index. */
  readonly partitionIndex: number
  /** The replicas to place the partitions on, or null to cancel a pending reassignment for this partition. */
  readonly replicas?: readonly number[] | null
}

function writeReassignablePartition(writer: WireWriter, it: ReassignablePartition): void {
  writer.int32(it.partitionIndex)
  writer.compactArray(it.replicas ?? null, (one) => writer.int32(one))
  writer.noTags()
}

function readReassignablePartition(reader: WireReader): ReassignablePartition {
  const partitionIndex = reader.int32()
  const replicas = reader.compactNullableArray(() => reader.int32())
  reader.tags()
  return { partitionIndex, replicas }
}

export interface ReassignableTopic {
  /** The topic name. */
  readonly name: string
  /** The partitions to reassign. */
  readonly partitions: readonly ReassignablePartition[]
}

function writeReassignableTopic(writer: WireWriter, it: ReassignableTopic): void {
  writer.compactString(it.name)
  writer.compactArray(it.partitions, (one) => writeReassignablePartition(writer, one))
  writer.noTags()
}

function readReassignableTopic(reader: WireReader): ReassignableTopic {
  const name = reader.compactString()
  const partitions = reader.compactArray(() => readReassignablePartition(reader))
  reader.tags()
  return { name, partitions }
}

export interface AlterPartitionReassignmentsRequest {
  /** The time in ms to wait for the request to complete. */
  readonly timeoutMs?: number
  /** The topics to reassign. */
  readonly topics: readonly ReassignableTopic[]
}

function writeAlterPartitionReassignmentsRequest(writer: WireWriter, it: AlterPartitionReassignmentsRequest, version: number): void {
  writer.int32(it.timeoutMs ?? 60000)
  writer.compactArray(it.topics, (one) => writeReassignableTopic(writer, one))
  writer.noTags()
}

function readAlterPartitionReassignmentsRequest(reader: WireReader, version: number): AlterPartitionReassignmentsRequest {
  const timeoutMs = reader.int32()
  const topics = reader.compactArray(() => readReassignableTopic(reader))
  reader.tags()
  return { timeoutMs, topics }
}

export interface ReassignablePartitionResponse {
  /** The partition index. */
  readonly partitionIndex: number
  /** The error code for this partition, or 0 if there was no error. */
  readonly errorCode: number
  /** The error message for this partition, or null if there was no error. */
  readonly errorMessage: string | null
}

function writeReassignablePartitionResponse(writer: WireWriter, it: ReassignablePartitionResponse): void {
  writer.int32(it.partitionIndex)
  writer.int16(it.errorCode)
  writer.compactString(it.errorMessage)
  writer.noTags()
}

function readReassignablePartitionResponse(reader: WireReader): ReassignablePartitionResponse {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.compactNullableString()
  reader.tags()
  return { partitionIndex, errorCode, errorMessage }
}

export interface ReassignableTopicResponse {
  /** The topic name. */
  readonly name: string
  /** The responses to partitions to reassign. */
  readonly partitions: readonly ReassignablePartitionResponse[]
}

function writeReassignableTopicResponse(writer: WireWriter, it: ReassignableTopicResponse): void {
  writer.compactString(it.name)
  writer.compactArray(it.partitions, (one) => writeReassignablePartitionResponse(writer, one))
  writer.noTags()
}

function readReassignableTopicResponse(reader: WireReader): ReassignableTopicResponse {
  const name = reader.compactString()
  const partitions = reader.compactArray(() => readReassignablePartitionResponse(reader))
  reader.tags()
  return { name, partitions }
}

export interface AlterPartitionReassignmentsResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** The top-level error code, or 0 if there was no error. */
  readonly errorCode: number
  /** The top-level error message, or null if there was no error. */
  readonly errorMessage: string | null
  /** The responses to topics to reassign. */
  readonly responses: readonly ReassignableTopicResponse[]
}

function writeAlterPartitionReassignmentsResponse(writer: WireWriter, it: AlterPartitionReassignmentsResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.int16(it.errorCode)
  writer.compactString(it.errorMessage)
  writer.compactArray(it.responses, (one) => writeReassignableTopicResponse(writer, one))
  writer.noTags()
}

function readAlterPartitionReassignmentsResponse(reader: WireReader, version: number): AlterPartitionReassignmentsResponse {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.compactNullableString()
  const responses = reader.compactArray(() => readReassignableTopicResponse(reader))
  reader.tags()
  return { throttleTimeMs, errorCode, errorMessage, responses }
}

/** AlterPartitionReassignments, versions 0. */
export const alterPartitionReassignmentsCodec: MessageCodec<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse> = {
  name: 'AlterPartitionReassignments',
  key: 45,
  versions: [0],
  flexibleSince: 0,
  writeRequest: writeAlterPartitionReassignmentsRequest,
  readRequest: readAlterPartitionReassignmentsRequest,
  writeResponse: writeAlterPartitionReassignmentsResponse,
  readResponse: readAlterPartitionReassignmentsResponse,
}
