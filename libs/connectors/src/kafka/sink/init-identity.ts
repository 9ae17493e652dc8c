import { authError } from '../../connection-errors.ts'
import { kafkaPatience } from '../kafka-errors.ts'
import type { KafkaClient } from '../network/kafka-client.ts'
import { BrokerError, errorCode, errorName } from '../protocol/request.ts'
import { withPatience } from '../with-patience.ts'
import type { ProducerIdentity } from './partition-queue.ts'

/**
 * A new identity of a producer without transactions. While brokers cannot give one, they are asked again.
 * @throws LF_CONNECTION_AUTH where the user may not have one, LF_CONNECTION_LOST, LF_KAFKA_*
 */
export async function initIdentity(
  client: Pick<KafkaClient, 'peer' | 'initProducerId'>,
  topic: string,
  signal: AbortSignal,
): Promise<ProducerIdentity> {
  const ask = async (): Promise<ProducerIdentity> => {
    try {
      return { ...(await client.initProducerId()), isTransactional: false }
    } catch (thrown) {
      // Before Kafka 3.0 leave to write a topic did not imply it.
      if (!(thrown instanceof BrokerError) || thrown.errorCode !== errorCode.clusterAuthorizationFailed) throw thrown
      throw authError(
        client.peer,
        `does not let this user produce idempotently (${errorName(thrown.errorCode)}): grant it IdempotentWrite on the cluster, or set 'idempotent: false' in the sink of topic '${topic}'`,
        thrown,
      )
    }
  }
  return withPatience(ask, kafkaPatience(client.peer, `topic '${topic}'`), signal)
}
