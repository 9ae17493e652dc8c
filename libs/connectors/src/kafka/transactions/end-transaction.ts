import type { KafkaClient } from '../network/kafka-client.ts'
import { endTxn, transactionVersionFeature } from '../protocol/transactions.ts'
import { withPatience } from '../with-patience.ts'
import { transactionPatience } from './transaction-errors.ts'

/** By what a transaction is known to every process that may end it. */
export interface TransactionName {
  readonly transactionalId: string
  readonly producerId: number
  readonly epoch: number
}

export interface EndOptions extends TransactionName {
  readonly client: KafkaClient
  readonly isCommit: boolean
  readonly signal: AbortSignal
}

/** The newest version of EndTxn in the first protocol. */
const firstProtocolMax = 4

/**
 * Ends a transaction, also one of a process that is gone; nothing is initialised by it. To repeat it is harmless by the
 * second protocol, which answers that the producer is fenced, or done. By the first it would end the id's next transaction,
 * if that has begun: so the next one must bear another id.
 *
 * A transaction that is not there any more (LF_KAFKA_PRODUCER_FENCED, LF_KAFKA_TRANSACTION_ENDED) was either ended before or
 * aborted by its timeout: only a marker in it tells.
 * @returns by what the next one is known
 */
export async function endTransaction({ client, isCommit, signal, ...name }: EndOptions): Promise<TransactionName> {
  const { transactionalId, producerId, epoch } = name
  const request = { transactionalId, producerId, producerEpoch: epoch, committed: isCommit }
  const end = async () => {
    const usesSecond = (await client.feature(transactionVersionFeature)) >= 2
    return client.askCoordinator(
      { of: 'transaction', key: transactionalId },
      endTxn,
      request,
      (answer) => answer.errorCode,
      usesSecond ? {} : { versionMax: firstProtocolMax },
    )
  }
  const answer = await withPatience(end, transactionPatience(client.peer, transactionalId), signal)
  // The first protocol tells nothing: all stays as it is.
  return answer.producerId < 0 ? name : { transactionalId, producerId: answer.producerId, epoch: answer.producerEpoch }
}
