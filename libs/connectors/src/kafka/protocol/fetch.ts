import { fetchCodec, type FetchResponse } from './generated/fetch.ts'
import type { BrokerAddress } from './metadata.ts'
import { readCommitted } from './offsets.ts'
import { kafkaCall } from './request.ts'

export interface FetchRequest {
  readonly topicId: string
  readonly partitions: readonly { readonly partition: number; readonly offset: number; readonly bytesMax: number }[]
  /** How long the broker waits for the first byte, milliseconds. */
  readonly waitMs: number
  readonly bytesMax: number
}

export interface FetchedPartition {
  readonly partition: number
  readonly error: number
  /** Where the log ends for a reader of committed records. */
  readonly lastStableOffset: number
  readonly logStartOffset: number
  /** Transactions that were aborted within the records. */
  readonly aborted: readonly AbortedTransaction[]
  /** Record batches, the last of which may be cut off. */
  readonly records: Buffer
  /** Node id of who leads now, where the one that was asked does not, and knows. */
  readonly newLeader?: number
}

export interface AbortedTransaction {
  readonly producerId: string
  readonly firstOffset: number
}

export interface FetchAnswer {
  readonly error: number
  readonly partitions: readonly FetchedPartition[]
  /** Where new leaders are. */
  readonly brokers: readonly BrokerAddress[]
}

const noRecords = Buffer.alloc(0)

/**
 * All versions name the topic by its identity: a broker refuses to read on in another topic that bears the same name,
 * which a client could otherwise not tell.
 */
export const fetch = kafkaCall(fetchCodec, {
  // No fetch session: every request is complete in itself.
  toWire: ({ topicId, partitions, waitMs, bytesMax }: FetchRequest) => ({
    maxWaitMs: waitMs,
    minBytes: 1,
    maxBytes: bytesMax,
    isolationLevel: readCommitted,
    topics: [{ topicId, partitions: partitions.map(askedPartition) }],
    forgottenTopicsData: [],
  }),
  fromWire: ({ errorCode, responses, nodeEndpoints }): FetchAnswer => ({
    error: errorCode,
    partitions: responses.flatMap(({ partitions }) => partitions.map(fetchedPartition)),
    brokers: nodeEndpoints,
  }),
})

const askedPartition = ({ partition, offset, bytesMax }: FetchRequest['partitions'][number]) => ({
  partition,
  fetchOffset: offset,
  partitionMaxBytes: bytesMax,
})

const fetchedPartition = (fetched: FetchResponse['responses'][number]['partitions'][number]): FetchedPartition => ({
  partition: fetched.partitionIndex,
  error: fetched.errorCode,
  lastStableOffset: fetched.lastStableOffset,
  logStartOffset: fetched.logStartOffset,
  aborted: (fetched.abortedTransactions ?? []).map(({ producerId, firstOffset }) => ({
    producerId: String(producerId),
    firstOffset,
  })),
  records: fetched.records ?? noRecords,
  ...(fetched.currentLeader.leaderId < 0 ? {} : { newLeader: fetched.currentLeader.leaderId }),
})
