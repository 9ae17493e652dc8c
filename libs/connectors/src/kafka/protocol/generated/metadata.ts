// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface MetadataRequestTopic {
  /** The topic id. */
  readonly topicId: string
  /** The topic name. */
  readonly name: string | null
}

function writeMetadataRequestTopic(writer: WireWriter, it: MetadataRequestTopic): void {
  writer.uuid(it.topicId)
  writer.compactString(it.name)
  writer.noTags()
}

function readMetadataRequestTopic(reader: WireReader): MetadataRequestTopic {
  const topicId = reader.uuid()
  const name = reader.compactNullableString()
  reader.tags()
  return { topicId, name }
}

export interface MetadataRequest {
  /** The topics to fetch metadata for. */
  readonly topics: readonly MetadataRequestTopic[] | null
  /** If this is true, the broker may auto-create topics that we requested which do not already exist, if it is configured to do so. */
  readonly allowAutoTopicCreation?: boolean
  /** Whether to include topic authorized operations. */
  readonly includeTopicAuthorizedOperations: boolean
}

function writeMetadataRequest(writer: WireWriter, it: MetadataRequest, version: number): void {
  writer.compactArray(it.topics, (one) => writeMetadataRequestTopic(writer, one))
  writer.boolean(it.allowAutoTopicCreation ?? true)
  writer.boolean(it.includeTopicAuthorizedOperations)
  writer.noTags()
}

function readMetadataRequest(reader: WireReader, version: number): MetadataRequest {
  const topics = reader.compactNullableArray(() => readMetadataRequestTopic(reader))
  const allowAutoTopicCreation = reader.boolean()
  const includeTopicAuthorizedOperations = reader.boolean()
  reader.tags()
  return { topics, allowAutoTopicCreation, includeTopicAuthorizedOperations }
}

export interface MetadataResponseBroker {
  /** The broker ID. */
  readonly nodeId: number
  /** The broker hostname. */
  readonly host: string
  /** The broker port. */
  readonly port: number
  /** The rack of the broker, or null if it has not been assigned to a rack. */
  readonly rack: string | null
}

function writeMetadataResponseBroker(writer: WireWriter, it: MetadataResponseBroker): void {
  writer.int32(it.nodeId)
  writer.compactString(it.host)
  writer.int32(it.port)
  writer.compactString(it.rack)
  writer.noTags()
}

function readMetadataResponseBroker(reader: WireReader): MetadataResponseBroker {
  const nodeId = reader.int32()
  const host = reader.compactString()
  const port = reader.int32()
  const rack = reader.compactNullableString()
  reader.tags()
  return { nodeId, host, port, rack }
}

export interface MetadataResponsePartition {
  /** The partition error, or 0 if there was no error. */
  readonly errorCode: number
  /** The partition index. */
  readonly partitionIndex: number
  /** The ID of the leader broker. */
  readonly leaderId: number
  /** The leader epoch of this partition. */
  readonly leaderEpoch: number
  /** The set of all nodes that host this partition. */
  readonly replicaNodes: readonly number[]
  /** The set of nodes that are in sync with the leader for this partition. */
  readonly isrNodes: readonly number[]
  /** The set of offline replicas of this partition. */
  readonly offlineReplicas: readonly number[]
}

function writeMetadataResponsePartition(writer: WireWriter, it: MetadataResponsePartition): void {
  writer.int16(it.errorCode)
  writer.int32(it.partitionIndex)
  writer.int32(it.leaderId)
  writer.int32(it.leaderEpoch)
  writer.compactArray(it.replicaNodes, (one) => writer.int32(one))
  writer.compactArray(it.isrNodes, (one) => writer.int32(one))
  writer.compactArray(it.offlineReplicas, (one) => writer.int32(one))
  writer.noTags()
}

function readMetadataResponsePartition(reader: WireReader): MetadataResponsePartition {
  const errorCode = reader.int16()
  const partitionIndex = reader.int32()
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const replicaNodes = reader.compactArray(() => reader.int32())
  const isrNodes = reader.compactArray(() => reader.int32())
  const offlineReplicas = reader.compactArray(() => reader.int32())
  reader.tags()
  return { errorCode, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, offlineReplicas }
}

export interface MetadataResponseTopic {
  /** The topic error, or 0 if there was no error. */
  readonly errorCode: number
  /** The topic name. Null for non-existing topics queried by ID. This is never null when ErrorCode is zero. One of Name and TopicId is always populated. */
  readonly name: string | null
  /** The topic id. Zero for non-existing topics queried by name. This is never zero when ErrorCode is zero. One of Name and TopicId is always populated. */
  readonly topicId: string
  /** True if the topic is internal. */
  readonly isInternal: boolean
  /** Each partition in the topic. */
  readonly partitions: readonly MetadataResponsePartition[]
  /** 32-bit bitfield to represent authorized operations for this topic. */
  readonly topicAuthorizedOperations: number
}

function writeMetadataResponseTopic(writer: WireWriter, it: MetadataResponseTopic): void {
  writer.int16(it.errorCode)
  writer.compactString(it.name)
  writer.uuid(it.topicId)
  writer.boolean(it.isInternal)
  writer.compactArray(it.partitions, (one) => writeMetadataResponsePartition(writer, one))
  writer.int32(it.topicAuthorizedOperations)
  writer.noTags()
}

function readMetadataResponseTopic(reader: WireReader): MetadataResponseTopic {
  const errorCode = reader.int16()
  const name = reader.compactNullableString()
  const topicId = reader.uuid()
  const isInternal = reader.boolean()
  const partitions = reader.compactArray(() => readMetadataResponsePartition(reader))
  const topicAuthorizedOperations = reader.int32()
  reader.tags()
  return { errorCode, name, topicId, isInternal, partitions, topicAuthorizedOperations }
}

export interface MetadataResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** A list of brokers present in the cluster. */
  readonly brokers: readonly MetadataResponseBroker[]
  /** The cluster ID that responding broker belongs to. */
  readonly clusterId: string | null
  /** The ID of the controller broker. */
  readonly controllerId: number
  /** Each topic in the response. */
  readonly topics: readonly MetadataResponseTopic[]
  /** The top-level error code, or 0 if there was no error. */
  readonly errorCode: number
}

function writeMetadataResponse(writer: WireWriter, it: MetadataResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.compactArray(it.brokers, (one) => writeMetadataResponseBroker(writer, one))
  writer.compactString(it.clusterId)
  writer.int32(it.controllerId)
  writer.compactArray(it.topics, (one) => writeMetadataResponseTopic(writer, one))
  if (version >= 13) writer.int16(it.errorCode)
  writer.noTags()
}

function readMetadataResponse(reader: WireReader, version: number): MetadataResponse {
  const throttleTimeMs = reader.int32()
  const brokers = reader.compactArray(() => readMetadataResponseBroker(reader))
  const clusterId = reader.compactNullableString()
  const controllerId = reader.int32()
  const topics = reader.compactArray(() => readMetadataResponseTopic(reader))
  const errorCode = version >= 13 ? reader.int16() : 0
  reader.tags()
  return { throttleTimeMs, brokers, clusterId, controllerId, topics, errorCode }
}

/** Metadata, versions 12, 13. */
export const metadataCodec: MessageCodec<MetadataRequest, MetadataResponse> = {
  name: 'Metadata',
  key: 3,
  versions: [12, 13],
  flexibleSince: 12,
  writeRequest: writeMetadataRequest,
  readRequest: readMetadataRequest,
  writeResponse: writeMetadataResponse,
  readResponse: readMetadataResponse,
}
