// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import { sameValue, type MessageCodec } from '../message-codec.ts'
import type { TaggedField, WireReader, WireWriter } from '../wire.ts'

export interface PartitionProduceData {
  /** The partition index. */
  readonly index: number
  /** The record data to be produced. */
  readonly records: Uint8Array | null
}

function writePartitionProduceData(writer: WireWriter, it: PartitionProduceData): void {
  writer.int32(it.index)
  writer.compactByteString(it.records)
  writer.noTags()
}

function readPartitionProduceData(reader: WireReader): PartitionProduceData {
  const index = reader.int32()
  const records = reader.compactNullableByteString()
  reader.tags()
  return { index, records }
}

export interface TopicProduceData {
  /** The topic name. */
  readonly name?: string
  /** The unique topic ID */
  readonly topicId?: string
  /** Each partition to produce to. */
  readonly partitionData: readonly PartitionProduceData[]
}

function writeTopicProduceData(writer: WireWriter, it: TopicProduceData, version: number): void {
  if (version <= 12) writer.compactString(it.name ?? '')
  if (version >= 13) writer.uuid(it.topicId ?? '00000000000000000000000000000000')
  writer.compactArray(it.partitionData, (one) => writePartitionProduceData(writer, one))
  writer.noTags()
}

function readTopicProduceData(reader: WireReader, version: number): TopicProduceData {
  const name = version <= 12 ? reader.compactString() : ''
  const topicId = version >= 13 ? reader.uuid() : '00000000000000000000000000000000'
  const partitionData = reader.compactArray(() => readPartitionProduceData(reader))
  reader.tags()
  return { name, topicId, partitionData }
}

export interface ProduceRequest {
  /** The transactional ID, or null if the producer is not transactional. */
  readonly transactionalId?: string | null
  /** The number of acknowledgments the producer requires the leader to have received before considering a request complete. Allowed values: 0 for no acknowledgments, 1 for only the leader and -1 for the full ISR. */
  readonly acks: number
  /** The timeout to await a response in milliseconds. */
  readonly timeoutMs: number
  /** Each topic to produce to. */
  readonly topicData: readonly TopicProduceData[]
}

function writeProduceRequest(writer: WireWriter, it: ProduceRequest, version: number): void {
  writer.compactString(it.transactionalId ?? null)
  writer.int16(it.acks)
  writer.int32(it.timeoutMs)
  writer.compactArray(it.topicData, (one) => writeTopicProduceData(writer, one, version))
  writer.noTags()
}

function readProduceRequest(reader: WireReader, version: number): ProduceRequest {
  const transactionalId = reader.compactNullableString()
  const acks = reader.int16()
  const timeoutMs = reader.int32()
  const topicData = reader.compactArray(() => readTopicProduceData(reader, version))
  reader.tags()
  return { transactionalId, acks, timeoutMs, topicData }
}

export interface BatchIndexAndErrorMessage {
  /** The batch index of the record that caused the batch to be dropped. */
  readonly batchIndex: number
  /** The error message of the record that caused the batch to be dropped. */
  readonly batchIndexErrorMessage: string | null
}

function writeBatchIndexAndErrorMessage(writer: WireWriter, it: BatchIndexAndErrorMessage): void {
  writer.int32(it.batchIndex)
  writer.compactString(it.batchIndexErrorMessage)
  writer.noTags()
}

function readBatchIndexAndErrorMessage(reader: WireReader): BatchIndexAndErrorMessage {
  const batchIndex = reader.int32()
  const batchIndexErrorMessage = reader.compactNullableString()
  reader.tags()
  return { batchIndex, batchIndexErrorMessage }
}

export interface LeaderIdAndEpoch {
  /** The ID of the current leader or -1 if the leader is unknown. */
  readonly leaderId: number
  /** The latest known leader epoch. */
  readonly leaderEpoch: number
}

function writeLeaderIdAndEpoch(writer: WireWriter, it: LeaderIdAndEpoch): void {
  writer.int32(it.leaderId)
  writer.int32(it.leaderEpoch)
  writer.noTags()
}

function readLeaderIdAndEpoch(reader: WireReader): LeaderIdAndEpoch {
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  reader.tags()
  return { leaderId, leaderEpoch }
}

export interface PartitionProduceResponse {
  /** The partition index. */
  readonly index: number
  /** The error code, or 0 if there was no error. */
  readonly errorCode: number
  /** The base offset. */
  readonly baseOffset: number
  /** The timestamp returned by broker after appending the messages. If CreateTime is used for the topic, the timestamp will be -1.  If LogAppendTime is used for the topic, the timestamp will be the broker local time when the messages are appended. */
  readonly logAppendTimeMs: number
  /** The log start offset. */
  readonly logStartOffset: number
  /** The batch indices of records that caused the batch to be dropped. */
  readonly recordErrors: readonly BatchIndexAndErrorMessage[]
  /** The global error message summarizing the common root cause of the records that caused the batch to be dropped. */
  readonly errorMessage: string | null
  /** The leader broker that the producer should use for future requests. */
  readonly currentLeader: LeaderIdAndEpoch
}

function writePartitionProduceResponse(writer: WireWriter, it: PartitionProduceResponse, version: number): void {
  writer.int32(it.index)
  writer.int16(it.errorCode)
  writer.int64(it.baseOffset)
  writer.int64(it.logAppendTimeMs)
  writer.int64(it.logStartOffset)
  writer.compactArray(it.recordErrors, (one) => writeBatchIndexAndErrorMessage(writer, one))
  writer.compactString(it.errorMessage)
  const tags: TaggedField[] = []
  if (version >= 10 && !sameValue(it.currentLeader, { leaderId: -1, leaderEpoch: -1 })) tags.push([0, (writer) => writeLeaderIdAndEpoch(writer, it.currentLeader)])
  writer.tags(tags)
}

function readPartitionProduceResponse(reader: WireReader): PartitionProduceResponse {
  const index = reader.int32()
  const errorCode = reader.int16()
  const baseOffset = reader.int64()
  const logAppendTimeMs = reader.int64()
  const logStartOffset = reader.int64()
  const recordErrors = reader.compactArray(() => readBatchIndexAndErrorMessage(reader))
  const errorMessage = reader.compactNullableString()
  let currentLeader: LeaderIdAndEpoch = { leaderId: -1, leaderEpoch: -1 }
  reader.tags((tag) => {
    if (tag === 0) currentLeader = readLeaderIdAndEpoch(reader)
  })
  return { index, errorCode, baseOffset, logAppendTimeMs, logStartOffset, recordErrors, errorMessage, currentLeader }
}

export interface TopicProduceResponse {
  /** The topic name. */
  readonly name: string
  /** The unique topic ID */
  readonly topicId: string
  /** Each partition that we produced to within the topic. */
  readonly partitionResponses: readonly PartitionProduceResponse[]
}

function writeTopicProduceResponse(writer: WireWriter, it: TopicProduceResponse, version: number): void {
  if (version <= 12) writer.compactString(it.name)
  if (version >= 13) writer.uuid(it.topicId)
  writer.compactArray(it.partitionResponses, (one) => writePartitionProduceResponse(writer, one, version))
  writer.noTags()
}

function readTopicProduceResponse(reader: WireReader, version: number): TopicProduceResponse {
  const name = version <= 12 ? reader.compactString() : ''
  const topicId = version >= 13 ? reader.uuid() : '00000000000000000000000000000000'
  const partitionResponses = reader.compactArray(() => readPartitionProduceResponse(reader))
  reader.tags()
  return { name, topicId, partitionResponses }
}

export interface NodeEndpoint {
  /** The ID of the associated node. */
  readonly nodeId: number
  /** The node's hostname. */
  readonly host: string
  /** The node's port. */
  readonly port: number
  /** The rack of the node, or null if it has not been assigned to a rack. */
  readonly rack: string | null
}

function writeNodeEndpoint(writer: WireWriter, it: NodeEndpoint): void {
  writer.int32(it.nodeId)
  writer.compactString(it.host)
  writer.int32(it.port)
  writer.compactString(it.rack)
  writer.noTags()
}

function readNodeEndpoint(reader: WireReader): NodeEndpoint {
  const nodeId = reader.int32()
  const host = reader.compactString()
  const port = reader.int32()
  const rack = reader.compactNullableString()
  reader.tags()
  return { nodeId, host, port, rack }
}

export interface ProduceResponse {
  /** Each produce response. */
  readonly responses: readonly TopicProduceResponse[]
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** Endpoints for all current-leaders enumerated in PartitionProduceResponses, with errors NOT_LEADER_OR_FOLLOWER. */
  readonly nodeEndpoints: readonly NodeEndpoint[]
}

function writeProduceResponse(writer: WireWriter, it: ProduceResponse, version: number): void {
  writer.compactArray(it.responses, (one) => writeTopicProduceResponse(writer, one, version))
  writer.int32(it.throttleTimeMs)
  const tags: TaggedField[] = []
  if (version >= 10 && !sameValue(it.nodeEndpoints, [])) tags.push([0, (writer) => writer.compactArray(it.nodeEndpoints, (one) => writeNodeEndpoint(writer, one))])
  writer.tags(tags)
}

function readProduceResponse(reader: WireReader, version: number): ProduceResponse {
  const responses = reader.compactArray(() => readTopicProduceResponse(reader, version))
  const throttleTimeMs = reader.int32()
  let nodeEndpoints: readonly NodeEndpoint[] = []
  reader.tags((tag) => {
    if (tag === 0) nodeEndpoints = reader.compactArray(() => readNodeEndpoint(reader))
  })
  return { responses, throttleTimeMs, nodeEndpoints }
}

/** Produce, versions 9, 11, 12, 13. */
export const produceCodec: MessageCodec<ProduceRequest, ProduceResponse> = {
  name: 'Produce',
  key: 0,
  versions: [9, 11, 12, 13],
  flexibleSince: 9,
  writeRequest: writeProduceRequest,
  readRequest: readProduceRequest,
  writeResponse: writeProduceResponse,
  readResponse: readProduceResponse,
}
