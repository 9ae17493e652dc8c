import type { Peer } from '../connection-errors.ts'
import { errorOfCode, kafkaError, mayPass } from './kafka-errors.ts'
import { BrokerError, errorCode, errorName, isTransient } from './protocol/request.ts'

const peer: Peer = { connection: 'shop', system: 'Kafka', address: 'kafka-1:9092' }
type ErrorName = keyof typeof errorCode

/** What brokers answer to what we ask, beside success, and what becomes of it. Read from Kafka's own broker and client. */
const outcomes: Readonly<Record<string, Partial<Record<ErrorName, string>>>> = {
  Fetch: {
    unknownServerError: 'passes',
    // Its own code, with the offsets that are there: see the source's tests.
    offsetOutOfRange: 'LF_CONNECTION_FAILED',
    corruptMessage: 'passes',
    unknownTopicOrPartition: 'passes',
    notLeaderOrFollower: 'passes',
    replicaNotAvailable: 'passes',
    topicAuthorizationFailed: 'LF_CONNECTION_AUTH',
    invalidRequest: 'LF_KAFKA_PROTOCOL',
    kafkaStorageError: 'passes',
    fencedLeaderEpoch: 'passes',
    unknownLeaderEpoch: 'passes',
    unsupportedCompressionType: 'LF_KAFKA_COMPRESSION',
    offsetNotAvailable: 'passes',
    unknownTopicId: 'passes',
    inconsistentTopicId: 'passes',
  },
  ListOffsets: {
    unknownTopicOrPartition: 'passes',
    leaderNotAvailable: 'passes',
    notLeaderOrFollower: 'passes',
    replicaNotAvailable: 'passes',
    topicAuthorizationFailed: 'LF_CONNECTION_AUTH',
    unsupportedForMessageFormat: 'LF_KAFKA_VERSION',
    kafkaStorageError: 'passes',
    fencedLeaderEpoch: 'passes',
    unknownLeaderEpoch: 'passes',
    offsetNotAvailable: 'passes',
  },
  Metadata: {
    unknownServerError: 'passes',
    unknownTopicOrPartition: 'passes',
    leaderNotAvailable: 'passes',
    replicaNotAvailable: 'passes',
    invalidTopicException: 'LF_CONNECTION_TARGET',
    topicAuthorizationFailed: 'LF_CONNECTION_AUTH',
    listenerNotFound: 'passes',
    unknownTopicId: 'passes',
    rebootstrapRequired: 'passes',
  },
  Produce: {
    unknownServerError: 'passes',
    corruptMessage: 'passes',
    unknownTopicOrPartition: 'passes',
    leaderNotAvailable: 'passes',
    notLeaderOrFollower: 'passes',
    requestTimedOut: 'passes',
    brokerNotAvailable: 'passes',
    networkException: 'passes',
    coordinatorLoadInProgress: 'passes',
    coordinatorNotAvailable: 'passes',
    notCoordinator: 'passes',
    invalidTopicException: 'LF_CONNECTION_TARGET',
    notEnoughReplicas: 'passes',
    notEnoughReplicasAfterAppend: 'passes',
    invalidRequiredAcks: 'LF_KAFKA_PROTOCOL',
    clusterAuthorizationFailed: 'LF_CONNECTION_AUTH',
    unsupportedVersion: 'LF_KAFKA_VERSION',
    unsupportedForMessageFormat: 'LF_KAFKA_VERSION',
    concurrentTransactions: 'passes',
    transactionalIdAuthorizationFailed: 'LF_CONNECTION_AUTH',
    kafkaStorageError: 'passes',
    unsupportedCompressionType: 'LF_KAFKA_COMPRESSION',
    throttlingQuotaExceeded: 'passes',
    unknownTopicId: 'passes',
  },
  FindCoordinator: {
    coordinatorLoadInProgress: 'passes',
    coordinatorNotAvailable: 'passes',
    invalidGroupId: 'LF_CONNECTION_TARGET',
    groupAuthorizationFailed: 'LF_CONNECTION_AUTH',
    invalidRequest: 'LF_KAFKA_PROTOCOL',
    transactionalIdAuthorizationFailed: 'LF_CONNECTION_AUTH',
  },
  'OffsetFetch and OffsetCommit': {
    coordinatorLoadInProgress: 'passes',
    coordinatorNotAvailable: 'passes',
    notCoordinator: 'passes',
    requestTimedOut: 'passes',
    invalidGroupId: 'LF_CONNECTION_TARGET',
    groupIdNotFound: 'LF_CONNECTION_TARGET',
    groupAuthorizationFailed: 'LF_CONNECTION_AUTH',
    topicAuthorizationFailed: 'LF_CONNECTION_AUTH',
    unstableOffsetCommit: 'passes',
    // The group has members, which commit for themselves: only told of.
    rebalanceInProgress: 'LF_CONNECTION_FAILED',
    unknownMemberId: 'LF_CONNECTION_FAILED',
  },
  'any of them': {
    illegalSaslState: 'LF_CONNECTION_AUTH',
    saslAuthenticationFailed: 'LF_CONNECTION_AUTH',
  },
}

const cases = Object.entries(outcomes).flatMap(([request, codes]) =>
  Object.entries(codes).map(
    ([name, outcome]) => [request, errorName(errorCode[name as ErrorName]), name, outcome] as const,
  ),
)

test.each(cases)('%s that answers %s', (request, shown, name, outcome) => {
  const error = new BrokerError(request, errorCode[name as ErrorName])
  expect(error.message).toBe(`${request}: ${shown}`)
  expect(mayPass(error)).toBe(outcome === 'passes')
  expect(isTransient(error.errorCode)).toBe(outcome === 'passes')
  if (outcome === 'passes') return
  const told = kafkaError(error, peer, "topic 'orders'")
  expect([told.code, told.nextStep]).toEqual([outcome, expect.stringMatching(/./)])
  expect(told.message).toContain('Connection shop')
})

test('a code that is not known is told by number, and does not pass by itself', () => {
  expect(mayPass(new BrokerError('Fetch', 9_999))).toBe(false)
  expect(errorOfCode(9_999, peer, "topic 'orders'").message).toContain('error code 9999')
})
