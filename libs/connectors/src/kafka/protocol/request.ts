import type { WireReader, WireWriter } from './wire.ts'

/** Largest answer that is believed, bytes: fetches ask for far less, but a single batch may be larger than asked for. */
export const answerBytesMax = 128 * 1024 * 1024

/**
 * One request of Kafka's protocol at one version, as `common/message/*.json` of Kafka defines it. One version each is
 * enough: the oldest that can do what is needed is known by every broker since 3.1.
 */
export interface KafkaRequest<Request, Response> {
  readonly name: string
  readonly key: number
  readonly version: number
  /** Since some version the header and every structure end in tagged fields, and lengths are compact. */
  readonly isFlexible: boolean
  /** Largest answer that is believed, bytes. Default: {@link answerBytesMax}. */
  readonly answerBytesMax?: number
  readonly encode: (writer: WireWriter, request: Request) => void
  readonly decode: (reader: WireReader) => Response
}

/** Error codes of the protocol that something depends on; all others are told by number. */
export const errorCode = {
  none: 0,
  unknownServerError: -1,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeaderOrFollower: 6,
  requestTimedOut: 7,
  replicaNotAvailable: 9,
  messageTooLarge: 10,
  networkException: 13,
  coordinatorLoadInProgress: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidTopic: 17,
  recordListTooLarge: 18,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  clusterAuthorizationFailed: 31,
  invalidTimestamp: 32,
  unsupportedSaslMechanism: 33,
  policyViolation: 44,
  kafkaStorageError: 56,
  saslAuthenticationFailed: 58,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  offsetNotAvailable: 78,
  throttlingQuotaExceeded: 89,
  invalidRecord: 87,
  unknownTopicId: 100,
  inconsistentTopicId: 103,
} as const

const names = new Map<number, string>(
  Object.entries(errorCode).map(([name, code]) => [
    code,
    name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
  ]),
)

/** The name that Kafka's documentation gives an error code. */
export const errorName = (code: number): string => names.get(code) ?? `error code ${code}`

const transient = new Set<number>([
  errorCode.unknownServerError,
  errorCode.corruptMessage,
  errorCode.unknownTopicOrPartition,
  errorCode.leaderNotAvailable,
  errorCode.notLeaderOrFollower,
  errorCode.requestTimedOut,
  errorCode.replicaNotAvailable,
  errorCode.networkException,
  errorCode.coordinatorLoadInProgress,
  errorCode.coordinatorNotAvailable,
  errorCode.notCoordinator,
  errorCode.notEnoughReplicas,
  errorCode.notEnoughReplicasAfterAppend,
  errorCode.kafkaStorageError,
  errorCode.fencedLeaderEpoch,
  errorCode.unknownLeaderEpoch,
  errorCode.offsetNotAvailable,
  errorCode.throttlingQuotaExceeded,
  errorCode.unknownTopicId,
  errorCode.inconsistentTopicId,
])

/** Whether the same request may well succeed a little later, most often at another broker. */
export const isTransient = (code: number): boolean => transient.has(code)

/** An error code that a broker answered with. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError'
  readonly errorCode: number

  constructor(what: string, errorCode: number, brokerMessage?: string | null) {
    super(`${what}: ${errorName(errorCode)}${brokerMessage ? ` (${brokerMessage})` : ''}`)
    this.errorCode = errorCode
  }
}
