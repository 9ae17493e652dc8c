// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import { refuseField, sameValue, type MessageCodec } from '../message-codec.ts'
import type { TaggedField, WireReader, WireWriter } from '../wire.ts'

export interface ReplicaState {
  /** The replica ID of the follower, or -1 if this request is from a consumer. */
  readonly replicaId?: number
  /** The epoch of this follower, or -1 if not available. */
  readonly replicaEpoch?: number
}

function writeReplicaState(writer: WireWriter, it: ReplicaState): void {
  writer.int32(it.replicaId ?? -1)
  writer.int64(it.replicaEpoch ?? -1)
  writer.noTags()
}

function readReplicaState(reader: WireReader): ReplicaState {
  const replicaId = reader.int32()
  const replicaEpoch = reader.int64()
  reader.tags()
  return { replicaId, replicaEpoch }
}

export interface FetchPartition {
  /** The partition index. */
  readonly partition: number
  /** The current leader epoch of the partition. */
  readonly currentLeaderEpoch?: number
  /** The message offset. */
  readonly fetchOffset: number
  /** The epoch of the last fetched record or -1 if there is none. */
  readonly lastFetchedEpoch?: number
  /** The earliest available offset of the follower replica.  The field is only used when the request is sent by the follower. */
  readonly logStartOffset?: number
  /** The maximum bytes to fetch from this partition.  See KIP-74 for cases where this limit may not be honored. */
  readonly partitionMaxBytes: number
}

function writeFetchPartition(writer: WireWriter, it: FetchPartition): void {
  writer.int32(it.partition)
  writer.int32(it.currentLeaderEpoch ?? -1)
  writer.int64(it.fetchOffset)
  writer.int32(it.lastFetchedEpoch ?? -1)
  writer.int64(it.logStartOffset ?? -1)
  writer.int32(it.partitionMaxBytes)
  writer.noTags()
}

function readFetchPartition(reader: WireReader): FetchPartition {
  const partition = reader.int32()
  const currentLeaderEpoch = reader.int32()
  const fetchOffset = reader.int64()
  const lastFetchedEpoch = reader.int32()
  const logStartOffset = reader.int64()
  const partitionMaxBytes = reader.int32()
  reader.tags()
  return { partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, logStartOffset, partitionMaxBytes }
}

export interface FetchTopic {
  /** The unique topic ID. */
  readonly topicId: string
  /** The partitions to fetch. */
  readonly partitions: readonly FetchPartition[]
}

function writeFetchTopic(writer: WireWriter, it: FetchTopic): void {
  writer.uuid(it.topicId)
  writer.compactArray(it.partitions, (one) => writeFetchPartition(writer, one))
  writer.noTags()
}

function readFetchTopic(reader: WireReader): FetchTopic {
  const topicId = reader.uuid()
  const partitions = reader.compactArray(() => readFetchPartition(reader))
  reader.tags()
  return { topicId, partitions }
}

export interface ForgottenTopic {
  /** The unique topic ID. */
  readonly topicId: string
  /** The partitions indexes to forget. */
  readonly partitions: readonly number[]
}

function writeForgottenTopic(writer: WireWriter, it: ForgottenTopic): void {
  writer.uuid(it.topicId)
  writer.compactArray(it.partitions, (one) => writer.int32(one))
  writer.noTags()
}

function readForgottenTopic(reader: WireReader): ForgottenTopic {
  const topicId = reader.uuid()
  const partitions = reader.compactArray(() => reader.int32())
  reader.tags()
  return { topicId, partitions }
}

export interface FetchRequest {
  /** The clusterId if known. This is used to validate metadata fetches prior to broker registration. */
  readonly clusterId?: string | null
  /** The broker ID of the follower, of -1 if this request is from a consumer. */
  readonly replicaId?: number
  /** The state of the replica in the follower. */
  readonly replicaState?: ReplicaState
  /** The maximum time in milliseconds to wait for the response. */
  readonly maxWaitMs: number
  /** The minimum bytes to accumulate in the response. */
  readonly minBytes: number
  /** The maximum bytes to fetch.  See KIP-74 for cases where this limit may not be honored. */
  readonly maxBytes?: number
  /** This setting controls the visibility of transactional records. Using READ_UNCOMMITTED (isolation_level = 0) makes all records visible. With READ_COMMITTED (isolation_level = 1), non-transactional and COMMITTED transactional records are visible. To be more concrete, READ_COMMITTED returns all data from offsets smaller than the current LSO (last stable offset), and enables the inclusion of the list of aborted transactions in the result, which allows consumers to discard ABORTED transactional records. */
  readonly isolationLevel?: number
  /** The fetch session ID. */
  readonly sessionId?: number
  /** The fetch session epoch, which is used for ordering requests in a session. */
  readonly sessionEpoch?: number
  /** The topics to fetch. */
  readonly topics: readonly FetchTopic[]
  /** In an incremental fetch request, the partitions to remove. */
  readonly forgottenTopicsData: readonly ForgottenTopic[]
  /** Rack ID of the consumer making this request. */
  readonly rackId?: string
}

function writeFetchRequest(writer: WireWriter, it: FetchRequest, version: number): void {
  if (version <= 14) writer.int32(it.replicaId ?? -1)
  writer.int32(it.maxWaitMs)
  writer.int32(it.minBytes)
  writer.int32(it.maxBytes ?? 0x7fffffff)
  writer.int8(it.isolationLevel ?? 0)
  writer.int32(it.sessionId ?? 0)
  writer.int32(it.sessionEpoch ?? -1)
  writer.compactArray(it.topics, (one) => writeFetchTopic(writer, one))
  writer.compactArray(it.forgottenTopicsData, (one) => writeForgottenTopic(writer, one))
  writer.compactString(it.rackId ?? '')
  if (!(version <= 14) && !sameValue(it.replicaId ?? -1, -1)) refuseField('FetchRequest', 'replicaId', version)
  if (!(version >= 15) && !sameValue(it.replicaState ?? { replicaId: -1, replicaEpoch: -1 }, { replicaId: -1, replicaEpoch: -1 })) refuseField('FetchRequest', 'replicaState', version)
  const tags: TaggedField[] = []
  if (!sameValue(it.clusterId ?? null, null)) tags.push([0, (writer) => writer.compactString(it.clusterId ?? null)])
  if (version >= 15 && !sameValue(it.replicaState ?? { replicaId: -1, replicaEpoch: -1 }, { replicaId: -1, replicaEpoch: -1 })) tags.push([1, (writer) => writeReplicaState(writer, it.replicaState ?? { replicaId: -1, replicaEpoch: -1 })])
  writer.tags(tags)
}

function readFetchRequest(reader: WireReader, version: number): FetchRequest {
  let clusterId: string | null = null
  const replicaId = version <= 14 ? reader.int32() : -1
  let replicaState: ReplicaState = { replicaId: -1, replicaEpoch: -1 }
  const maxWaitMs = reader.int32()
  const minBytes = reader.int32()
  const maxBytes = reader.int32()
  const isolationLevel = reader.int8()
  const sessionId = reader.int32()
  const sessionEpoch = reader.int32()
  const topics = reader.compactArray(() => readFetchTopic(reader))
  const forgottenTopicsData = reader.compactArray(() => readForgottenTopic(reader))
  const rackId = reader.compactString()
  reader.tags((tag) => {
    if (tag === 0) clusterId = reader.compactNullableString()
    else if (tag === 1) replicaState = readReplicaState(reader)
  })
  return { clusterId, replicaId, replicaState, maxWaitMs, minBytes, maxBytes, isolationLevel, sessionId, sessionEpoch, topics, forgottenTopicsData, rackId }
}

export interface EpochEndOffset {
  /** The largest epoch. */
  readonly epoch: number
  /** The end offset of the epoch. */
  readonly endOffset: number
}

function writeEpochEndOffset(writer: WireWriter, it: EpochEndOffset): void {
  writer.int32(it.epoch)
  writer.int64(it.endOffset)
  writer.noTags()
}

function readEpochEndOffset(reader: WireReader): EpochEndOffset {
  const epoch = reader.int32()
  const endOffset = reader.int64()
  reader.tags()
  return { epoch, endOffset }
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

export interface SnapshotId {
  /** The end offset of the epoch. */
  readonly endOffset: number
  /** The largest epoch. */
  readonly epoch: number
}

function writeSnapshotId(writer: WireWriter, it: SnapshotId): void {
  writer.int64(it.endOffset)
  writer.int32(it.epoch)
  writer.noTags()
}

function readSnapshotId(reader: WireReader): SnapshotId {
  const endOffset = reader.int64()
  const epoch = reader.int32()
  reader.tags()
  return { endOffset, epoch }
}

export interface AbortedTransaction {
  /** The producer id associated with the aborted transaction. */
  readonly producerId: number
  /** The first offset in the aborted transaction. */
  readonly firstOffset: number
}

function writeAbortedTransaction(writer: WireWriter, it: AbortedTransaction): void {
  writer.int64(it.producerId)
  writer.int64(it.firstOffset)
  writer.noTags()
}

function readAbortedTransaction(reader: WireReader): AbortedTransaction {
  const producerId = reader.int64()
  const firstOffset = reader.int64()
  reader.tags()
  return { producerId, firstOffset }
}

export interface PartitionData {
  /** The partition index. */
  readonly partitionIndex: number
  /** The error code, or 0 if there was no fetch error. */
  readonly errorCode: number
  /** The current high water mark. */
  readonly highWatermark: number
  /** The last stable offset (or LSO) of the partition. This is the last offset such that the state of all transactional records prior to this offset have been decided (ABORTED or COMMITTED). */
  readonly lastStableOffset: number
  /** The current log start offset. */
  readonly logStartOffset: number
  /** In case divergence is detected based on the `LastFetchedEpoch` and `FetchOffset` in the request, this field indicates the largest epoch and its end offset such that subsequent records are known to diverge. */
  readonly divergingEpoch: EpochEndOffset
  /** The current leader of the partition. */
  readonly currentLeader: LeaderIdAndEpoch
  /** In the case of fetching an offset less than the LogStartOffset, this is the end offset and epoch that should be used in the FetchSnapshot request. */
  readonly snapshotId: SnapshotId
  /** The aborted transactions. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null
  /** The preferred read replica for the consumer to use on its next fetch request. */
  readonly preferredReadReplica: number
  /** The record data. */
  readonly records: Buffer | null
}

function writePartitionData(writer: WireWriter, it: PartitionData): void {
  writer.int32(it.partitionIndex)
  writer.int16(it.errorCode)
  writer.int64(it.highWatermark)
  writer.int64(it.lastStableOffset)
  writer.int64(it.logStartOffset)
  writer.compactArray(it.abortedTransactions, (one) => writeAbortedTransaction(writer, one))
  writer.int32(it.preferredReadReplica)
  writer.compactByteString(it.records)
  const tags: TaggedField[] = []
  if (!sameValue(it.divergingEpoch, { epoch: -1, endOffset: -1 })) tags.push([0, (writer) => writeEpochEndOffset(writer, it.divergingEpoch)])
  if (!sameValue(it.currentLeader, { leaderId: -1, leaderEpoch: -1 })) tags.push([1, (writer) => writeLeaderIdAndEpoch(writer, it.currentLeader)])
  if (!sameValue(it.snapshotId, { endOffset: -1, epoch: -1 })) tags.push([2, (writer) => writeSnapshotId(writer, it.snapshotId)])
  writer.tags(tags)
}

function readPartitionData(reader: WireReader): PartitionData {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const highWatermark = reader.int64()
  const lastStableOffset = reader.int64()
  const logStartOffset = reader.int64()
  let divergingEpoch: EpochEndOffset = { epoch: -1, endOffset: -1 }
  let currentLeader: LeaderIdAndEpoch = { leaderId: -1, leaderEpoch: -1 }
  let snapshotId: SnapshotId = { endOffset: -1, epoch: -1 }
  const abortedTransactions = reader.compactNullableArray(() => readAbortedTransaction(reader))
  const preferredReadReplica = reader.int32()
  const records = reader.compactNullableByteString()
  reader.tags((tag) => {
    if (tag === 0) divergingEpoch = readEpochEndOffset(reader)
    else if (tag === 1) currentLeader = readLeaderIdAndEpoch(reader)
    else if (tag === 2) snapshotId = readSnapshotId(reader)
  })
  return { partitionIndex, errorCode, highWatermark, lastStableOffset, logStartOffset, divergingEpoch, currentLeader, snapshotId, abortedTransactions, preferredReadReplica, records }
}

export interface FetchableTopicResponse {
  /** The unique topic ID. */
  readonly topicId: string
  /** The topic partitions. */
  readonly partitions: readonly PartitionData[]
}

function writeFetchableTopicResponse(writer: WireWriter, it: FetchableTopicResponse): void {
  writer.uuid(it.topicId)
  writer.compactArray(it.partitions, (one) => writePartitionData(writer, one))
  writer.noTags()
}

function readFetchableTopicResponse(reader: WireReader): FetchableTopicResponse {
  const topicId = reader.uuid()
  const partitions = reader.compactArray(() => readPartitionData(reader))
  reader.tags()
  return { topicId, partitions }
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

export interface FetchResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** The top level response error code. */
  readonly errorCode: number
  /** The fetch session ID, or 0 if this is not part of a fetch session. */
  readonly sessionId: number
  /** The response topics. */
  readonly responses: readonly FetchableTopicResponse[]
  /** Endpoints for all current-leaders enumerated in PartitionData, with errors NOT_LEADER_OR_FOLLOWER & FENCED_LEADER_EPOCH. */
  readonly nodeEndpoints: readonly NodeEndpoint[]
}

function writeFetchResponse(writer: WireWriter, it: FetchResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.int16(it.errorCode)
  writer.int32(it.sessionId)
  writer.compactArray(it.responses, (one) => writeFetchableTopicResponse(writer, one))
  const tags: TaggedField[] = []
  if (version >= 16 && !sameValue(it.nodeEndpoints, [])) tags.push([0, (writer) => writer.compactArray(it.nodeEndpoints, (one) => writeNodeEndpoint(writer, one))])
  writer.tags(tags)
}

function readFetchResponse(reader: WireReader, version: number): FetchResponse {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const sessionId = reader.int32()
  const responses = reader.compactArray(() => readFetchableTopicResponse(reader))
  let nodeEndpoints: readonly NodeEndpoint[] = []
  reader.tags((tag) => {
    if (tag === 0) nodeEndpoints = reader.compactArray(() => readNodeEndpoint(reader))
  })
  return { throttleTimeMs, errorCode, sessionId, responses, nodeEndpoints }
}

/** Fetch, versions 13, 16. */
export const fetchCodec: MessageCodec<FetchRequest, FetchResponse> = {
  name: 'Fetch',
  key: 1,
  versions: [13, 16],
  flexibleSince: 13,
  writeRequest: writeFetchRequest,
  readRequest: readFetchRequest,
  writeResponse: writeFetchResponse,
  readResponse: readFetchResponse,
}
