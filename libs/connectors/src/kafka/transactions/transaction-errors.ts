import { LightflusError } from '@lightflus/api'
import { at, authError, type Peer } from '../../connection-errors.ts'
import { Patience } from '../../patience.ts'
import { kafkaError, mayPass } from '../kafka-errors.ts'
import { BrokerError, errorCode, errorName } from '../protocol/request.ts'

/** An error of a transaction that will not pass, in our terms. */
export function transactionError(thrown: unknown, peer: Peer, transactionalId: string): LightflusError {
  const what = `transactional id '${transactionalId}'`
  if (!(thrown instanceof BrokerError)) return kafkaError(thrown, peer, what)
  const where = `${at(peer)}, ${what}`
  const details = { connection: peer.connection, transactionalId }
  const { errorCode: code } = thrown
  switch (code) {
    case errorCode.invalidProducerEpoch:
    case errorCode.producerFenced:
      return new LightflusError(
        'LF_KAFKA_PRODUCER_FENCED',
        `${where}: a newer producer has taken this one's place, or its transaction has outlasted its timeout (${errorName(code)})`,
        { details, cause: thrown },
      )
    case errorCode.invalidTxnState:
    case errorCode.invalidProducerIdMapping:
    case errorCode.unknownProducerId:
    case errorCode.transactionAbortable:
      return new LightflusError(
        'LF_KAFKA_TRANSACTION_ENDED',
        `${where}: the transaction is not open any more, or can only be aborted (${errorName(code)})`,
        { details, cause: thrown },
      )
    case errorCode.invalidTransactionTimeout:
      return new LightflusError(
        'LF_KAFKA_TRANSACTION_TIMEOUT',
        `${where}: the broker does not let a transaction stay open for so long`,
        { details, cause: thrown },
      )
    case errorCode.transactionalIdAuthorizationFailed:
      return authError(peer, `does not let this user use ${what} (${errorName(code)})`, thrown)
    default:
      return kafkaError(thrown, peer, what)
  }
}

export const transactionPatience = (peer: Peer, transactionalId: string): Patience =>
  new Patience(peer, mayPass, (thrown) => transactionError(thrown, peer, transactionalId))
