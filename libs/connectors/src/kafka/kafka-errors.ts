import { isLightflusError, LightflusError, type ErrorCode } from '@lightflus/api'
import { at, authError, messageOf, networkTrouble, targetError, type Peer } from '../connection-errors.ts'
import { Patience } from '../patience.ts'
import { BrokerError, errorCode, errorName, isTransient } from './protocol/request.ts'
import { WireError } from './protocol/wire.ts'

/** Whether a failure may pass by itself: a broker that restarts, a leader that moves. */
export function mayPass(thrown: unknown): boolean {
  if (thrown instanceof BrokerError) return isTransient(thrown.errorCode)
  if (isLightflusError(thrown)) return thrown.code.startsWith('LF_CONNECTION_') && thrown.retry
  return networkTrouble(thrown) !== undefined
}

/** An error of a cluster that will not pass, in our terms. `what` names what was being done, such as `topic 'orders'`. */
export function kafkaError(thrown: unknown, peer: Peer, what: string): LightflusError {
  if (isLightflusError(thrown)) return thrown
  if (thrown instanceof BrokerError) return errorOfCode(thrown.errorCode, peer, what, thrown)
  const code = thrown instanceof WireError ? 'LF_KAFKA_PROTOCOL' : 'LF_CONNECTION_FAILED'
  return new LightflusError(code, `${at(peer)}, ${what}: ${messageOf(thrown)}`, {
    details: { connection: peer.connection },
    cause: thrown,
  })
}

/** What an error code that will not pass means; {@link isTransient} tells those that do. */
export function errorOfCode(code: number, peer: Peer, what: string, cause?: unknown): LightflusError {
  const told = (kind: ErrorCode, reason: string) =>
    new LightflusError(kind, `${at(peer)}, ${what}: ${reason}`, { details: { connection: peer.connection }, cause })
  const name = errorName(code)
  switch (code) {
    case errorCode.topicAuthorizationFailed:
    case errorCode.groupAuthorizationFailed:
    case errorCode.clusterAuthorizationFailed:
    case errorCode.transactionalIdAuthorizationFailed:
      return authError(peer, `does not let this user use ${what} (${name})`, cause)
    case errorCode.saslAuthenticationFailed:
    case errorCode.illegalSaslState:
      return authError(peer, `takes no request from who has not signed in (${name})`, cause)
    case errorCode.unknownTopicOrPartition:
    case errorCode.groupIdNotFound:
      return targetError(peer, `there is no ${what}`, cause)
    case errorCode.invalidTopicException:
    case errorCode.invalidGroupId:
      return targetError(peer, `there can be no ${what}: the name is not one that Kafka allows`, cause)
    case errorCode.unsupportedVersion:
    case errorCode.unsupportedForMessageFormat:
      return told('LF_KAFKA_VERSION', `the broker, or the form in which the topic is kept, is too old (${name})`)
    case errorCode.unsupportedCompressionType:
      return told('LF_KAFKA_COMPRESSION', `the broker does not take, or give, batches in this compression (${name})`)
    // A request that made no sense to the broker.
    case errorCode.invalidRequest:
    case errorCode.invalidFetchSize:
    case errorCode.invalidRequiredAcks:
      return told('LF_KAFKA_PROTOCOL', `the broker does not understand the request (${name})`)
    default:
      return told('LF_CONNECTION_FAILED', name)
  }
}

/** For how long a topic must be unknown to count as deleted, milliseconds: a broker that has just started may lag. */
export const deletedAfterMs = 3_000

export const deletedError = (peer: Peer, topic: string): LightflusError =>
  new LightflusError('LF_KAFKA_TOPIC_DELETED', `${at(peer)}: topic '${topic}' was deleted while the job used it`, {
    details: { connection: peer.connection, topic },
  })

export const recreatedError = (peer: Peer, topic: string): LightflusError =>
  new LightflusError(
    'LF_KAFKA_TOPIC_RECREATED',
    `${at(peer)}: topic '${topic}' was deleted and made anew; the job's positions belong to the one before`,
    { details: { connection: peer.connection, topic } },
  )

/** Patience with a cluster. `what` names what is being done, such as `topic 'orders'`. */
export const kafkaPatience = (peer: Peer, what: string): Patience =>
  new Patience(peer, mayPass, (thrown) => kafkaError(thrown, peer, what))
