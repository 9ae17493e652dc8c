import type { KafkaClient } from '../network/kafka-client.ts'
import { errorCode } from '../protocol/request.ts'
import { describeTransactions } from '../protocol/transactions.ts'
import { withPatience } from '../with-patience.ts'
import type { TransactionName } from './end-transaction.ts'
import { transactionPatience } from './transaction-errors.ts'

/** A transaction as its coordinator knows it. */
export interface FoundTransaction extends TransactionName {
  /** It can be ended: nobody has, nor has its timeout. */
  readonly isOpen: boolean
}

/**
 * What the coordinator knows of a transactional id; undefined: nothing. Nothing is changed by asking.
 * @throws LF_CONNECTION_AUTH, LF_CONNECTION_LOST, LF_KAFKA_*
 */
export async function findTransaction(
  client: KafkaClient,
  transactionalId: string,
  signal: AbortSignal,
): Promise<FoundTransaction | undefined> {
  const ask = async () => {
    const { transactionStates } = await client.askCoordinator(
      { of: 'transaction', key: transactionalId },
      describeTransactions,
      { transactionalIds: [transactionalId] },
      ({ transactionStates: [found] }) =>
        found === undefined || found.errorCode === errorCode.transactionalIdNotFound ? errorCode.none : found.errorCode,
    )
    return transactionStates[0]
  }
  const found = await withPatience(ask, transactionPatience(client.peer, transactionalId), signal)
  if (!found || found.errorCode !== errorCode.none) return undefined
  const { producerId, producerEpoch, transactionState } = found
  return { transactionalId, producerId, epoch: producerEpoch, isOpen: transactionState === 'Ongoing' }
}
