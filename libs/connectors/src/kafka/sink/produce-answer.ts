import { LightflusError } from '@lightflus/api'
import { at, authError } from '../../connection-errors.ts'
import { kafkaError } from '../kafka-errors.ts'
import { transactionError } from '../transactions/transaction-errors.ts'
import type { KafkaClient } from '../network/kafka-client.ts'
import type { ProducedPartition } from '../protocol/produce.ts'
import { BrokerError, errorCode, errorName, isTransient } from '../protocol/request.ts'
import type { OutgoingBatch } from './partition-queue.ts'

/**
 * What becomes of a batch that was answered.
 * - `again`: it came before one that it follows; that one is sent again first.
 * - `wait`: it is sent again in a moment.
 * - `forgotten`: the leader knows the producer no more, so that a new one has to go on.
 * - `split`: it is too large.
 */
export type BatchFate = 'acknowledged' | 'again' | 'wait' | 'forgotten' | 'split' | 'refused'

export function fateOf(
  answer: ProducedPartition | undefined,
  { wasFirst }: Pick<OutgoingBatch, 'wasFirst'>,
  isTransactional: boolean,
): BatchFate {
  switch (answer?.error) {
    case undefined:
      return 'wait'
    case errorCode.none:
    // It is there from a try whose answer got lost. (Mostly brokers answer that as a success.)
    case errorCode.duplicateSequenceNumber:
      return 'acknowledged'
    case errorCode.outOfOrderSequenceNumber:
      return wasFirst ? 'refused' : 'again'
    case errorCode.unknownProducerId:
      return isTransactional ? 'refused' : 'forgotten'
    case errorCode.messageTooLarge:
    case errorCode.recordListTooLarge:
      return 'split'
    default:
      return isTransient(answer!.error) ? 'wait' : 'refused'
  }
}

interface Place {
  readonly client: Pick<KafkaClient, 'peer'>
  readonly topic: string
  readonly partition: number
  readonly transactionalId: string | undefined
}

/** Why a batch ends the sink. */
export function errorOfBatch(
  { client: { peer }, topic, partition, transactionalId }: Place,
  { encoder }: Pick<OutgoingBatch, 'encoder'>,
  { error, message }: ProducedPartition,
): LightflusError {
  const where = `${at(peer)}, topic '${topic}', partition ${partition}`
  const details = { connection: peer.connection, topic, partition }
  switch (error) {
    case errorCode.messageTooLarge:
    case errorCode.recordListTooLarge: {
      const { bytes, name } = encoder.describeFirst()
      const size = (bytes / 1024 / 1024).toFixed(1)
      return new LightflusError(
        'LF_KAFKA_RECORD_TOO_LARGE',
        `${where}: a record of ${size} MiB is larger than the broker takes (${name})`,
        { details: { ...details, bytes } },
      )
    }
    case errorCode.invalidRecord:
    case errorCode.invalidTimestamp:
    case errorCode.policyViolation:
      return new LightflusError('LF_KAFKA_RECORD_REFUSED', `${where}: ${message ?? errorName(error)}`, { details })
    case errorCode.outOfOrderSequenceNumber:
      return new LightflusError(
        'LF_KAFKA_RECORDS_LOST',
        `${where}: the broker lacks records that it had acknowledged (${errorName(error)})`,
        { details },
      )
    case errorCode.topicAuthorizationFailed:
    case errorCode.clusterAuthorizationFailed:
      return authError(peer, `does not let this user write topic '${topic}' (${errorName(error)})`)
    default: {
      const thrown = new BrokerError('Produce', error, message)
      if (transactionalId !== undefined) return transactionError(thrown, peer, transactionalId)
      return kafkaError(thrown, peer, `topic '${topic}', partition ${partition}`)
    }
  }
}
