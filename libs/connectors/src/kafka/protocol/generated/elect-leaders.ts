// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface TopicPartitions {
  /** The name of a topic. */
  readonly topic: string
  /** The partitions of this topic whose leader should be elected. */
  readonly partitions: readonly number[]
}

function writeTopicPartitions(writer: WireWriter, it: TopicPartitions): void {
  writer.compactString(it.topic)
  writer.compactArray(it.partitions, (one) => writer.int32(one))
  writer.noTags()
}

function readTopicPartitions(reader: WireReader): TopicPartitions {
  const topic = reader.compactString()
  const partitions = reader.compactArray(() => reader.int32())
  reader.tags()
  return { topic, partitions }
}

export interface ElectLeadersRequest {
  /** Type of elections to conduct for the partition. A value of '0' elects the preferred replica. A value of '1' elects the first live replica if there are no in-sync replica. */
  readonly electionType: number
  /** The topic partitions to elect leaders. */
  readonly topicPartitions: readonly TopicPartitions[] | null
  /** The time in ms to wait for the election to complete. */
  readonly timeoutMs?: number
}

function writeElectLeadersRequest(writer: WireWriter, it: ElectLeadersRequest, version: number): void {
  writer.int8(it.electionType)
  writer.compactArray(it.topicPartitions, (one) => writeTopicPartitions(writer, one))
  writer.int32(it.timeoutMs ?? 60000)
  writer.noTags()
}

function readElectLeadersRequest(reader: WireReader, version: number): ElectLeadersRequest {
  const electionType = reader.int8()
  const topicPartitions = reader.compactNullableArray(() => readTopicPartitions(reader))
  const timeoutMs = reader.int32()
  reader.tags()
  return { electionType, topicPartitions, timeoutMs }
}

export interface PartitionResult {
  /** The partition id. */
  readonly partitionId: number
  /** The result error, or zero if there was no error. */
  readonly errorCode: number
  /** The result message, or null if there was no error. */
  readonly errorMessage: string | null
}

function writePartitionResult(writer: WireWriter, it: PartitionResult): void {
  writer.int32(it.partitionId)
  writer.int16(it.errorCode)
  writer.compactString(it.errorMessage)
  writer.noTags()
}

function readPartitionResult(reader: WireReader): PartitionResult {
  const partitionId = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.compactNullableString()
  reader.tags()
  return { partitionId, errorCode, errorMessage }
}

export interface ReplicaElectionResult {
  /** The topic name. */
  readonly topic: string
  /** The results for each partition. */
  readonly partitionResult: readonly PartitionResult[]
}

function writeReplicaElectionResult(writer: WireWriter, it: ReplicaElectionResult): void {
  writer.compactString(it.topic)
  writer.compactArray(it.partitionResult, (one) => writePartitionResult(writer, one))
  writer.noTags()
}

function readReplicaElectionResult(reader: WireReader): ReplicaElectionResult {
  const topic = reader.compactString()
  const partitionResult = reader.compactArray(() => readPartitionResult(reader))
  reader.tags()
  return { topic, partitionResult }
}

export interface ElectLeadersResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** The top level response error code. */
  readonly errorCode: number
  /** The election results, or an empty array if the requester did not have permission and the request asks for all partitions. */
  readonly replicaElectionResults: readonly ReplicaElectionResult[]
}

function writeElectLeadersResponse(writer: WireWriter, it: ElectLeadersResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.int16(it.errorCode)
  writer.compactArray(it.replicaElectionResults, (one) => writeReplicaElectionResult(writer, one))
  writer.noTags()
}

function readElectLeadersResponse(reader: WireReader, version: number): ElectLeadersResponse {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const replicaElectionResults = reader.compactArray(() => readReplicaElectionResult(reader))
  reader.tags()
  return { throttleTimeMs, errorCode, replicaElectionResults }
}

/** ElectLeaders, versions 2. */
export const electLeadersCodec: MessageCodec<ElectLeadersRequest, ElectLeadersResponse> = {
  name: 'ElectLeaders',
  key: 43,
  versions: [2],
  flexibleSince: 2,
  writeRequest: writeElectLeadersRequest,
  readRequest: readElectLeadersRequest,
  writeResponse: writeElectLeadersResponse,
  readResponse: readElectLeadersResponse,
}
