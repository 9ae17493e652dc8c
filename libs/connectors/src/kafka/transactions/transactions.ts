import type { KafkaClient } from '../network/kafka-client.ts'
import { produceWithAddedPartitionsMax } from '../protocol/produce.ts'
import { errorCode } from '../protocol/request.ts'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  txnOffsetCommit,
  transactionVersionFeature,
} from '../protocol/transactions.ts'
import type { ProducerIdentity } from '../sink/partition-queue.ts'
import { withPatience } from '../with-patience.ts'
import { endTransaction, type TransactionName } from './end-transaction.ts'
import { transactionPatience } from './transaction-errors.ts'
import type { TransactionMarker } from './transaction-marker.ts'

/** The newest versions of requests that the first protocol of transactions has. */
const firstProtocol = { addOffsets: 3, commitOffsets: 4 }

export interface TransactionsOptions {
  readonly client: KafkaClient
  /** Whoever opens it next fences this one. */
  readonly transactionalId: string
  /** After how long the coordinator aborts a transaction that nobody ends, milliseconds. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * The transactions of one transactional id, one after another: what a {@link TopicProducer} that it is given writes, and
 * markers, become visible together by {@link commit}, or never.
 *
 * By the first protocol a transaction is told of its partitions before they are written, and the epoch stays the same; by
 * the second (KIP-890; `transaction.version` 2) brokers do that themselves, and each end raises the epoch, so that what is
 * late of one transaction can never reach the next. Which one, the cluster says when they are opened.
 */
export class Transactions {
  readonly transactionalId: string
  readonly #options: TransactionsOptions
  readonly #usesSecond: boolean
  #identity: ProducerIdentity
  #hasStarted = false
  /** Partitions and groups that the transaction knows of. */
  readonly #members = new Set<string>()

  private constructor(options: TransactionsOptions, identity: ProducerIdentity, usesSecond: boolean) {
    this.transactionalId = options.transactionalId
    this.#options = options
    this.#identity = identity
    this.#usesSecond = usesSecond
  }

  /**
   * Takes a transactional id over. **Its open transaction is aborted**: what is to be committed of it has to be by
   * {@link endTransaction} before. Whoever used it before is fenced.
   * @throws LF_KAFKA_TRANSACTION_TIMEOUT, LF_CONNECTION_AUTH, LF_CONNECTION_LOST, LF_KAFKA_*
   */
  static async open(options: TransactionsOptions): Promise<Transactions> {
    const { client, transactionalId, timeoutMs, signal } = options
    const open = async () => {
      const version = await client.feature(transactionVersionFeature)
      const given = await client.initProducerId({ transactionalId, timeoutMs })
      return new Transactions(options, { ...given, isTransactional: true }, version >= 2)
    }
    return withPatience(open, transactionPatience(client.peer, transactionalId), signal)
  }

  /** By what any process can end the transaction that is open now: to be kept with what belongs to it. */
  get name(): TransactionName {
    const { producerId, epoch } = this.#identity
    return { transactionalId: this.transactionalId, producerId, epoch }
  }

  get identity(): ProducerIdentity {
    return this.#identity
  }

  /** Newest version of Produce by which its records are sent. */
  get produceVersionMax(): number {
    return this.#usesSecond ? Infinity : produceWithAddedPartitionsMax
  }

  /** Whether the transaction has to be told of a partition before it is written; if not, it counts as written. */
  mustEnlist(topic: string, partition: number): boolean {
    if (!this.#usesSecond) return !this.#members.has(`${topic}/${partition}`)
    this.#hasStarted = true
    return false
  }

  /** Tells the transaction of partitions that will be written. @throws LF_KAFKA_PRODUCER_FENCED, LF_KAFKA_*, LF_CONNECTION_* */
  async enlist(topic: string, partitions: readonly number[]): Promise<void> {
    this.#hasStarted = true
    const { producerId, epoch } = this.#identity
    const request = {
      v3AndBelowTransactionalId: this.transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: epoch,
      v3AndBelowTopics: [{ name: topic, partitions }],
    }
    const { client } = this.#options
    await this.#patiently(() =>
      client.askCoordinator(this.#coordinator, addPartitionsToTxn, request, ({ resultsByTopicV3AndBelow }) =>
        worst(
          resultsByTopicV3AndBelow.flatMap((one) => one.resultsByPartition),
          (one) => one.partitionErrorCode,
        ),
      ),
    )
    for (const partition of partitions) this.#members.add(`${topic}/${partition}`)
  }

  /** Writes a marker, to be seen if and when the transaction is committed. @throws as {@link enlist} */
  async mark({ group, topic, offset, metadata }: TransactionMarker): Promise<void> {
    this.#hasStarted = true
    const { client } = this.#options
    const { producerId, epoch } = this.#identity
    const common = { transactionalId: this.transactionalId, groupId: group, producerId, producerEpoch: epoch }
    if (!this.#usesSecond && !this.#members.has(group)) {
      await this.#patiently(() =>
        client.askCoordinator(this.#coordinator, addOffsetsToTxn, common, (answer) => answer.errorCode, {
          versionMax: firstProtocol.addOffsets,
        }),
      )
      this.#members.add(group)
    }
    const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: metadata }]
    await this.#patiently(() =>
      client.askCoordinator(
        { of: 'group', key: group },
        txnOffsetCommit,
        { ...common, topics: [{ name: topic, partitions }] },
        ({ topics }) =>
          worst(
            topics.flatMap((one) => one.partitions),
            (one) => one.errorCode,
          ),
        this.#usesSecond ? {} : { versionMax: firstProtocol.commitOffsets },
      ),
    )
  }

  /**
   * Makes all that was written visible; everything must have been acknowledged before. The next transaction begins.
   * @throws LF_KAFKA_PRODUCER_FENCED, LF_KAFKA_TRANSACTION_ENDED, LF_KAFKA_*, LF_CONNECTION_*
   */
  commit(): Promise<void> {
    return this.#end(true)
  }

  /** Takes back all that was written. The next transaction begins. @throws as {@link commit} */
  abort(): Promise<void> {
    return this.#end(false)
  }

  /**
   * Between two transactions: whoever repeats the end of the last one cannot reach the next. By the second protocol that
   * holds anyway; by the first the epoch is raised for it, unless somebody else has taken the id over.
   * @throws as {@link commit}
   */
  async renew(): Promise<void> {
    if (this.#usesSecond) return
    const { client, transactionalId, timeoutMs } = this.#options
    const current = this.name
    const given = await this.#patiently(() => client.initProducerId({ transactionalId, timeoutMs, current }))
    this.#identity = { ...given, isTransactional: true }
  }

  async #end(isCommit: boolean): Promise<void> {
    // The coordinator knows of nothing that it could end.
    if (!this.#hasStarted) return
    const { client, signal } = this.#options
    const { producerId, epoch } = await endTransaction({ client, signal, isCommit, ...this.name })
    this.#identity = { producerId, epoch, isTransactional: true }
    this.#members.clear()
    this.#hasStarted = false
  }

  get #coordinator() {
    return { of: 'transaction', key: this.transactionalId } as const
  }

  #patiently<T>(call: () => Promise<T>): Promise<T> {
    const { client, signal } = this.#options
    return withPatience(call, transactionPatience(client.peer, this.transactionalId), signal)
  }
}

function worst<T>(results: readonly T[], errorOf: (result: T) => number): number {
  const failed = results.find((result) => errorOf(result) !== errorCode.none)
  return failed === undefined ? errorCode.none : errorOf(failed)
}
