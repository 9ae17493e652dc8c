import { isLightflusError, LightflusError } from '@lightflus/api'
import { at } from '../../connection-errors.ts'
import type { KafkaClient } from '../network/kafka-client.ts'
import { BrokerError, errorCode } from '../protocol/request.ts'
import { describeTransactions } from '../protocol/transactions.ts'
import { withPatience } from '../with-patience.ts'
import { endTransaction, type TransactionName } from './end-transaction.ts'
import type { MarkedTransactions, TransactionCluster, TransactionMark } from './transaction-cluster.ts'
import { transactionPatience } from './transaction-errors.ts'
import { readMarker } from './transaction-marker.ts'
import { Transactions } from './transactions.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** What brokers may allow at most (`transaction.max.timeout.ms`), from the longest; Kafka's default is 15 minutes. */
const usualTimeoutsMs = [168, 24, 12, 6, 4, 3, 2, 1, 0.75, 0.5, 20 / 60, 0.25].map((hours) => hours * hourMs)

export interface KafkaTransactionClusterOptions {
  readonly client: KafkaClient
  /** For which markers are written: that of the sink. */
  readonly topic: string
  readonly signal: AbortSignal
  /**
   * For how long a transaction has to stay open at least where nobody ends it, milliseconds. As much more is taken as the
   * brokers allow, unless `isExact`.
   */
  readonly timeoutMs: number
  readonly isExact?: boolean
}

/** Transactions of a Kafka cluster. Their markers are offsets of a group that bears the transactional id's name. */
export class KafkaTransactionCluster implements TransactionCluster {
  readonly #options: KafkaTransactionClusterOptions
  #timeoutMs: Promise<number> | undefined

  constructor(options: KafkaTransactionClusterOptions) {
    this.#options = options
  }

  /** @throws LF_CONNECTION_AUTH, LF_CONNECTION_LOST, LF_KAFKA_* */
  async isKnown(transactionalId: string): Promise<boolean> {
    const { client, signal } = this.#options
    const whose = { of: 'transaction', key: transactionalId } as const
    const request = { transactionalIds: [transactionalId] }
    const ask = async () => {
      try {
        await client.askCoordinator(
          whose,
          describeTransactions,
          request,
          ({ transactionStates: [state] }) => state?.errorCode ?? errorCode.transactionalIdNotFound,
        )
        return true
      } catch (thrown) {
        if (thrown instanceof BrokerError && thrown.errorCode === errorCode.transactionalIdNotFound) return false
        throw thrown
      }
    }
    return withPatience(ask, transactionPatience(client.peer, transactionalId), signal)
  }

  /** @throws LF_KAFKA_TRANSACTION_TIMEOUT, LF_CONNECTION_AUTH, LF_CONNECTION_LOST, LF_KAFKA_* */
  async take(transactionalId: string): Promise<MarkedTransactions> {
    const { client, topic, signal } = this.#options
    this.#timeoutMs ??= this.#longestTimeout(transactionalId)
    const timeoutMs = await this.#timeoutMs
    const transactions = await Transactions.open({ client, transactionalId, timeoutMs, signal })
    return {
      transactionalId,
      get name() {
        return transactions.name
      },
      get identity() {
        return transactions.identity
      },
      produceVersionMax: transactions.produceVersionMax,
      mustEnlist: (topic, partition) => transactions.mustEnlist(topic, partition),
      enlist: (topic, partitions) => transactions.enlist(topic, partitions),
      mark: ({ attempt, checkpoint }) =>
        transactions.mark({ group: transactionalId, topic, offset: checkpoint, metadata: `attempt ${attempt}` }),
      async commit() {
        await transactions.commit()
        await transactions.renew()
      },
    }
  }

  /** Found by trying, which needs no further right. What is refused for its timeout has no other effect. */
  async #longestTimeout(transactionalId: string): Promise<number> {
    const { client, signal, timeoutMs: neededMs, isExact = false } = this.#options
    for (const timeoutMs of [...(isExact ? [] : usualTimeoutsMs.filter((usual) => usual > neededMs)), neededMs])
      try {
        await Transactions.open({ client, transactionalId, timeoutMs, signal })
        return timeoutMs
      } catch (thrown) {
        if (!isLightflusError(thrown) || thrown.code !== 'LF_KAFKA_TRANSACTION_TIMEOUT') throw thrown
      }
    const needed = `${Math.ceil(neededMs / 1000)} s`
    throw new LightflusError(
      'LF_KAFKA_TRANSACTION_TIMEOUT',
      `${at(client.peer)} ends a transaction (transaction.max.timeout.ms) before ${needed} have passed, which is what two checkpoints of the job and a restart may take: raise that, let checkpoints be taken or given up sooner, or write with transactions: 'wal'`,
      { details: { connection: client.peer.connection, neededMs } },
    )
  }

  /** @throws LF_CONNECTION_AUTH, LF_CONNECTION_LOST, LF_KAFKA_* */
  async commit(name: TransactionName): Promise<boolean> {
    const { client, signal } = this.#options
    try {
      await endTransaction({ client, isCommit: true, signal, ...name })
      return true
    } catch (thrown) {
      if (isLightflusError(thrown) && isEnded.has(thrown.code)) return false
      throw thrown
    }
  }

  /** @throws LF_CONNECTION_AUTH, LF_CONNECTION_LOST, LF_KAFKA_* */
  async newestMark(transactionalId: string): Promise<TransactionMark | undefined> {
    const { client, topic, signal } = this.#options
    const marker = await readMarker(client, transactionalId, topic, signal)
    const attempt = /^attempt (\d+)$/.exec(marker?.metadata ?? '')
    return marker && attempt ? { attempt: Number(attempt[1]), checkpoint: marker.offset } : undefined
  }
}

const isEnded = new Set<string>(['LF_KAFKA_PRODUCER_FENCED', 'LF_KAFKA_TRANSACTION_ENDED'])
