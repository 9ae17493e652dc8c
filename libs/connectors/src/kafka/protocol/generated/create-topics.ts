// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import { sameValue, type MessageCodec } from '../message-codec.ts'
import type { TaggedField, WireReader, WireWriter } from '../wire.ts'

export interface CreatableReplicaAssignment {
  /** The partition index. */
  readonly partitionIndex: number
  /** The brokers to place the partition on. */
  readonly brokerIds: readonly number[]
}

function writeCreatableReplicaAssignment(writer: WireWriter, it: CreatableReplicaAssignment): void {
  writer.int32(it.partitionIndex)
  writer.compactArray(it.brokerIds, (one) => writer.int32(one))
  writer.noTags()
}

function readCreatableReplicaAssignment(reader: WireReader): CreatableReplicaAssignment {
  const partitionIndex = reader.int32()
  const brokerIds = reader.compactArray(() => reader.int32())
  reader.tags()
  return { partitionIndex, brokerIds }
}

export interface CreatableTopicConfig {
  /** The configuration name. */
  readonly name: string
  /** The configuration value. */
  readonly value: string | null
}

function writeCreatableTopicConfig(writer: WireWriter, it: CreatableTopicConfig): void {
  writer.compactString(it.name)
  writer.compactString(it.value)
  writer.noTags()
}

function readCreatableTopicConfig(reader: WireReader): CreatableTopicConfig {
  const name = reader.compactString()
  const value = reader.compactNullableString()
  reader.tags()
  return { name, value }
}

export interface CreatableTopic {
  /** The topic name. */
  readonly name: string
  /** The number of partitions to create in the topic, or -1 if we are either specifying a manual partition assignment or using the default partitions. */
  readonly numPartitions: number
  /** The number of replicas to create for each partition in the topic, or -1 if we are either specifying a manual partition assignment or using the default replication factor. */
  readonly replicationFactor: number
  /** The manual partition assignment, or the empty array if we are using automatic assignment. */
  readonly assignments: readonly CreatableReplicaAssignment[]
  /** The custom topic configurations to set. */
  readonly configs: readonly CreatableTopicConfig[]
}

function writeCreatableTopic(writer: WireWriter, it: CreatableTopic): void {
  writer.compactString(it.name)
  writer.int32(it.numPartitions)
  writer.int16(it.replicationFactor)
  writer.compactArray(it.assignments, (one) => writeCreatableReplicaAssignment(writer, one))
  writer.compactArray(it.configs, (one) => writeCreatableTopicConfig(writer, one))
  writer.noTags()
}

function readCreatableTopic(reader: WireReader): CreatableTopic {
  const name = reader.compactString()
  const numPartitions = reader.int32()
  const replicationFactor = reader.int16()
  const assignments = reader.compactArray(() => readCreatableReplicaAssignment(reader))
  const configs = reader.compactArray(() => readCreatableTopicConfig(reader))
  reader.tags()
  return { name, numPartitions, replicationFactor, assignments, configs }
}

export interface CreateTopicsRequest {
  /** The topics to create. */
  readonly topics: readonly CreatableTopic[]
  /** How long to wait in milliseconds before timing out the request. */
  readonly timeoutMs?: number
  /** If true, check that the topics can be created as specified, but don't create anything. */
  readonly validateOnly?: boolean
}

function writeCreateTopicsRequest(writer: WireWriter, it: CreateTopicsRequest, version: number): void {
  writer.compactArray(it.topics, (one) => writeCreatableTopic(writer, one))
  writer.int32(it.timeoutMs ?? 60000)
  writer.boolean(it.validateOnly ?? false)
  writer.noTags()
}

function readCreateTopicsRequest(reader: WireReader, version: number): CreateTopicsRequest {
  const topics = reader.compactArray(() => readCreatableTopic(reader))
  const timeoutMs = reader.int32()
  const validateOnly = reader.boolean()
  reader.tags()
  return { topics, timeoutMs, validateOnly }
}

export interface CreatableTopicConfigs {
  /** The configuration name. */
  readonly name: string
  /** The configuration value. */
  readonly value: string | null
  /** True if the configuration is read-only. */
  readonly readOnly: boolean
  /** The configuration source. */
  readonly configSource: number
  /** True if this configuration is sensitive. */
  readonly isSensitive: boolean
}

function writeCreatableTopicConfigs(writer: WireWriter, it: CreatableTopicConfigs): void {
  writer.compactString(it.name)
  writer.compactString(it.value)
  writer.boolean(it.readOnly)
  writer.int8(it.configSource)
  writer.boolean(it.isSensitive)
  writer.noTags()
}

function readCreatableTopicConfigs(reader: WireReader): CreatableTopicConfigs {
  const name = reader.compactString()
  const value = reader.compactNullableString()
  const readOnly = reader.boolean()
  const configSource = reader.int8()
  const isSensitive = reader.boolean()
  reader.tags()
  return { name, value, readOnly, configSource, isSensitive }
}

export interface CreatableTopicResult {
  /** The topic name. */
  readonly name: string
  /** The unique topic ID. */
  readonly topicId: string
  /** The error code, or 0 if there was no error. */
  readonly errorCode: number
  /** The error message, or null if there was no error. */
  readonly errorMessage: string | null
  /** Optional topic config error returned if configs are not returned in the response. */
  readonly topicConfigErrorCode: number
  /** Number of partitions of the topic. */
  readonly numPartitions: number
  /** Replication factor of the topic. */
  readonly replicationFactor: number
  /** Configuration of the topic. */
  readonly configs: readonly CreatableTopicConfigs[] | null
}

function writeCreatableTopicResult(writer: WireWriter, it: CreatableTopicResult): void {
  writer.compactString(it.name)
  writer.uuid(it.topicId)
  writer.int16(it.errorCode)
  writer.compactString(it.errorMessage)
  writer.int32(it.numPartitions)
  writer.int16(it.replicationFactor)
  writer.compactArray(it.configs, (one) => writeCreatableTopicConfigs(writer, one))
  const tags: TaggedField[] = []
  if (!sameValue(it.topicConfigErrorCode, 0)) tags.push([0, (writer) => writer.int16(it.topicConfigErrorCode)])
  writer.tags(tags)
}

function readCreatableTopicResult(reader: WireReader): CreatableTopicResult {
  const name = reader.compactString()
  const topicId = reader.uuid()
  const errorCode = reader.int16()
  const errorMessage = reader.compactNullableString()
  let topicConfigErrorCode: number = 0
  const numPartitions = reader.int32()
  const replicationFactor = reader.int16()
  const configs = reader.compactNullableArray(() => readCreatableTopicConfigs(reader))
  reader.tags((tag) => {
    if (tag === 0) topicConfigErrorCode = reader.int16()
  })
  return { name, topicId, errorCode, errorMessage, topicConfigErrorCode, numPartitions, replicationFactor, configs }
}

export interface CreateTopicsResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** Results for each topic we tried to create. */
  readonly topics: readonly CreatableTopicResult[]
}

function writeCreateTopicsResponse(writer: WireWriter, it: CreateTopicsResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.compactArray(it.topics, (one) => writeCreatableTopicResult(writer, one))
  writer.noTags()
}

function readCreateTopicsResponse(reader: WireReader, version: number): CreateTopicsResponse {
  const throttleTimeMs = reader.int32()
  const topics = reader.compactArray(() => readCreatableTopicResult(reader))
  reader.tags()
  return { throttleTimeMs, topics }
}

/** CreateTopics, versions 7. */
export const createTopicsCodec: MessageCodec<CreateTopicsRequest, CreateTopicsResponse> = {
  name: 'CreateTopics',
  key: 19,
  versions: [7],
  flexibleSince: 7,
  writeRequest: writeCreateTopicsRequest,
  readRequest: readCreateTopicsRequest,
  writeResponse: writeCreateTopicsResponse,
  readResponse: readCreateTopicsResponse,
}
