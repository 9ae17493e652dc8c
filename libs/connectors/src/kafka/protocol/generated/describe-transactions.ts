// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface DescribeTransactionsRequest {
  /** Array of transactionalIds to include in describe results. If empty, then no results will be returned. */
  readonly transactionalIds: readonly string[]
}

function writeDescribeTransactionsRequest(writer: WireWriter, it: DescribeTransactionsRequest, version: number): void {
  writer.compactArray(it.transactionalIds, (one) => writer.compactString(one))
  writer.noTags()
}

function readDescribeTransactionsRequest(reader: WireReader, version: number): DescribeTransactionsRequest {
  const transactionalIds = reader.compactArray(() => reader.compactString())
  reader.tags()
  return { transactionalIds }
}

export interface TopicData {
  /** The topic name. */
  readonly topic: string
  /** The partition ids included in the current transaction. */
  readonly partitions: readonly number[]
}

function writeTopicData(writer: WireWriter, it: TopicData): void {
  writer.compactString(it.topic)
  writer.compactArray(it.partitions, (one) => writer.int32(one))
  writer.noTags()
}

function readTopicData(reader: WireReader): TopicData {
  const topic = reader.compactString()
  const partitions = reader.compactArray(() => reader.int32())
  reader.tags()
  return { topic, partitions }
}

export interface TransactionState {
  /** The error code. */
  readonly errorCode: number
  /** The transactional id. */
  readonly transactionalId: string
  /** The current transaction state of the producer. */
  readonly transactionState: string
  /** The timeout in milliseconds for the transaction. */
  readonly transactionTimeoutMs: number
  /** The start time of the transaction in milliseconds. */
  readonly transactionStartTimeMs: number
  /** The current producer id associated with the transaction. */
  readonly producerId: number
  /** The current epoch associated with the producer id. */
  readonly producerEpoch: number
  /** The set of partitions included in the current transaction (if active). When a transaction is preparing to commit or abort, this will include only partitions which do not have markers. */
  readonly topics: readonly TopicData[]
}

function writeTransactionState(writer: WireWriter, it: TransactionState): void {
  writer.int16(it.errorCode)
  writer.compactString(it.transactionalId)
  writer.compactString(it.transactionState)
  writer.int32(it.transactionTimeoutMs)
  writer.int64(it.transactionStartTimeMs)
  writer.int64(it.producerId)
  writer.int16(it.producerEpoch)
  writer.compactArray(it.topics, (one) => writeTopicData(writer, one))
  writer.noTags()
}

function readTransactionState(reader: WireReader): TransactionState {
  const errorCode = reader.int16()
  const transactionalId = reader.compactString()
  const transactionState = reader.compactString()
  const transactionTimeoutMs = reader.int32()
  const transactionStartTimeMs = reader.int64()
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  const topics = reader.compactArray(() => readTopicData(reader))
  reader.tags()
  return { errorCode, transactionalId, transactionState, transactionTimeoutMs, transactionStartTimeMs, producerId, producerEpoch, topics }
}

export interface DescribeTransactionsResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** The current state of the transaction. */
  readonly transactionStates: readonly TransactionState[]
}

function writeDescribeTransactionsResponse(writer: WireWriter, it: DescribeTransactionsResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.compactArray(it.transactionStates, (one) => writeTransactionState(writer, one))
  writer.noTags()
}

function readDescribeTransactionsResponse(reader: WireReader, version: number): DescribeTransactionsResponse {
  const throttleTimeMs = reader.int32()
  const transactionStates = reader.compactArray(() => readTransactionState(reader))
  reader.tags()
  return { throttleTimeMs, transactionStates }
}

/** DescribeTransactions, versions 0. */
export const describeTransactionsCodec: MessageCodec<DescribeTransactionsRequest, DescribeTransactionsResponse> = {
  name: 'DescribeTransactions',
  key: 65,
  versions: [0],
  flexibleSince: 0,
  writeRequest: writeDescribeTransactionsRequest,
  readRequest: readDescribeTransactionsRequest,
  writeResponse: writeDescribeTransactionsResponse,
  readResponse: readDescribeTransactionsResponse,
}
