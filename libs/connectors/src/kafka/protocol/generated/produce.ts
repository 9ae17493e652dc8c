// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import { sameValue, type MessageCodec } from '../message-codec.ts'
import type { TaggedField, WireReader, WireWriter } from '../wire.ts'

export interface PartitionProduceData {
  /** The partition index. */
  readonly index: number
  /** The record data to be produced. */
  readonly records: Uint8Array | null
}

function writePartitionProduceData(writer: WireWriter, it: PartitionProduceData, version: number): void {
  writer.int32(it.index)
  if (version >= 9) writer.compactByteString(it.records)
  else writer.byteString(it.records)
  if (version >= 9) writer.noTags()
}

function readPartitionProduceData(reader: WireReader, version: number): PartitionProduceData {
  const index = reader.int32()
  const records = version >= 9 ? reader.compactNullableByteString() : reader.nullableByteString()
  if (version >= 9) reader.tags()
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
  if (version <= 12) {
    if (version >= 9) writer.compactString(it.name ?? '')
    else writer.string(it.name ?? '')
  }
  if (version >= 13) writer.uuid(it.topicId ?? '00000000000000000000000000000000')
  if (version >= 9) writer.compactArray(it.partitionData, (one) => writePartitionProduceData(writer, one, version))
  else writer.array(it.partitionData, (one) => writePartitionProduceData(writer, one, version))
  if (version >= 9) writer.noTags()
}

function readTopicProduceData(reader: WireReader, version: number): TopicProduceData {
  const name = version <= 12 ? (version >= 9 ? reader.compactString() : reader.string()) : ''
  const topicId = version >= 13 ? reader.uuid() : '00000000000000000000000000000000'
  const partitionData = version >= 9 ? reader.compactArray(() => readPartitionProduceData(reader, version)) : reader.array(() => readPartitionProduceData(reader, version))
  if (version >= 9) reader.tags()
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
  if (version >= 9) writer.compactString(it.transactionalId ?? null)
  else writer.string(it.transactionalId ?? null)
  writer.int16(it.acks)
  writer.int32(it.timeoutMs)
  if (version >= 9) writer.compactArray(it.topicData, (one) => writeTopicProduceData(writer, one, version))
  else writer.array(it.topicData, (one) => writeTopicProduceData(writer, one, version))
  if (version >= 9) writer.noTags()
}

function readProduceRequest(reader: WireReader, version: number): ProduceRequest {
  const transactionalId = version >= 9 ? reader.compactNullableString() : reader.nullableString()
  const acks = reader.int16()
  const timeoutMs = reader.int32()
  const topicData = version >= 9 ? reader.compactArray(() => readTopicProduceData(reader, version)) : reader.array(() => readTopicProduceData(reader, version))
  if (version >= 9) reader.tags()
  return { transactionalId, acks, timeoutMs, topicData }
}

export interface BatchIndexAndErrorMessage {
  /** The batch index of the record that caused the batch to be dropped. */
  readonly batchIndex: number
  /** The error message of the record that caused the batch to be dropped. */
  readonly batchIndexErrorMessage: string | null
}

function writeBatchIndexAndErrorMessage(writer: WireWriter, it: BatchIndexAndErrorMessage, version: number): void {
  writer.int32(it.batchIndex)
  if (version >= 9) writer.compactString(it.batchIndexErrorMessage)
  else writer.string(it.batchIndexErrorMessage)
  if (version >= 9) writer.noTags()
}

function readBatchIndexAndErrorMessage(reader: WireReader, version: number): BatchIndexAndErrorMessage {
  const batchIndex = reader.int32()
  const batchIndexErrorMessage = version >= 9 ? reader.compactNullableString() : reader.nullableString()
  if (version >= 9) reader.tags()
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
  if (version >= 9) writer.compactArray(it.recordErrors, (one) => writeBatchIndexAndErrorMessage(writer, one, version))
  else writer.array(it.recordErrors, (one) => writeBatchIndexAndErrorMessage(writer, one, version))
  if (version >= 9) writer.compactString(it.errorMessage)
  else writer.string(it.errorMessage)
  if (version >= 9) {
    const tags: TaggedField[] = []
    if (version >= 10 && !sameValue(it.currentLeader, { leaderId: -1, leaderEpoch: -1 })) tags.push([0, (writer) => writeLeaderIdAndEpoch(writer, it.currentLeader)])
    writer.tags(tags)
  }
}

function readPartitionProduceResponse(reader: WireReader, version: number): PartitionProduceResponse {
  const index = reader.int32()
  const errorCode = reader.int16()
  const baseOffset = reader.int64()
  const logAppendTimeMs = reader.int64()
  const logStartOffset = reader.int64()
  const recordErrors = version >= 9 ? reader.compactArray(() => readBatchIndexAndErrorMessage(reader, version)) : reader.array(() => readBatchIndexAndErrorMessage(reader, version))
  const errorMessage = version >= 9 ? reader.compactNullableString() : reader.nullableString()
  let currentLeader: LeaderIdAndEpoch = { leaderId: -1, leaderEpoch: -1 }
  if (version >= 9) {
    reader.tags((tag) => {
      if (tag === 0) currentLeader = readLeaderIdAndEpoch(reader)
    })
  }
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
  if (version <= 12) {
    if (version >= 9) writer.compactString(it.name)
    else writer.string(it.name)
  }
  if (version >= 13) writer.uuid(it.topicId)
  if (version >= 9) writer.compactArray(it.partitionResponses, (one) => writePartitionProduceResponse(writer, one, version))
  else writer.array(it.partitionResponses, (one) => writePartitionProduceResponse(writer, one, version))
  if (version >= 9) writer.noTags()
}

function readTopicProduceResponse(reader: WireReader, version: number): TopicProduceResponse {
  const name = version <= 12 ? (version >= 9 ? reader.compactString() : reader.string()) : ''
  const topicId = version >= 13 ? reader.uuid() : '00000000000000000000000000000000'
  const partitionResponses = version >= 9 ? reader.compactArray(() => readPartitionProduceResponse(reader, version)) : reader.array(() => readPartitionProduceResponse(reader, version))
  if (version >= 9) reader.tags()
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
  if (version >= 9) writer.compactArray(it.responses, (one) => writeTopicProduceResponse(writer, one, version))
  else writer.array(it.responses, (one) => writeTopicProduceResponse(writer, one, version))
  writer.int32(it.throttleTimeMs)
  if (version >= 9) {
    const tags: TaggedField[] = []
    if (version >= 10 && !sameValue(it.nodeEndpoints, [])) tags.push([0, (writer) => writer.compactArray(it.nodeEndpoints, (one) => writeNodeEndpoint(writer, one))])
    writer.tags(tags)
  }
}

function readProduceResponse(reader: WireReader, version: number): ProduceResponse {
  const responses = version >= 9 ? reader.compactArray(() => readTopicProduceResponse(reader, version)) : reader.array(() => readTopicProduceResponse(reader, version))
  const throttleTimeMs = reader.int32()
  let nodeEndpoints: readonly NodeEndpoint[] = []
  if (version >= 9) {
    reader.tags((tag) => {
      if (tag === 0) nodeEndpoints = reader.compactArray(() => readNodeEndpoint(reader))
    })
  }
  return { responses, throttleTimeMs, nodeEndpoints }
}

/** Produce, versions 8, 11, 12, 13. */
export const produceCodec: MessageCodec<ProduceRequest, ProduceResponse> = {
  name: 'Produce',
  key: 0,
  versions: [8, 11, 12, 13],
  flexibleSince: 11,
  writeRequest: writeProduceRequest,
  readRequest: readProduceRequest,
  writeResponse: writeProduceResponse,
  readResponse: readProduceResponse,
}
