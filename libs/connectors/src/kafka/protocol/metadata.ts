import { metadataCodec, type MetadataResponseTopic } from './generated/metadata.ts'
import { kafkaCall } from './request.ts'
import { WireError } from './wire.ts'

export interface PartitionMetadata {
  readonly error: number
  readonly number: number
  /** Node id of the leader; -1: there is none at the moment. */
  readonly leader: number
}

export interface TopicMetadata {
  readonly error: number
  readonly name: string
  /** Identity of the topic: another for each that ever bore the name. 32 hexadecimal digits. */
  readonly id: string
  readonly partitions: readonly PartitionMetadata[]
}

export interface BrokerAddress {
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

export interface ClusterMetadata {
  /** Of the whole request. */
  readonly error: number
  readonly brokers: readonly BrokerAddress[]
  readonly topics: readonly TopicMetadata[]
}

/** Instead of an identity: the topic is asked for by its name. */
const byName = '0'.repeat(32)

/** Asks for the named topics, or for all. Topics are never created by asking. */
export const metadata = kafkaCall(metadataCodec, {
  toWire: (topics: readonly string[] | 'all') => ({
    topics: topics === 'all' ? null : topics.map((name) => ({ topicId: byName, name })),
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: false,
  }),
  fromWire: ({ errorCode, brokers, topics }): ClusterMetadata => ({
    error: errorCode,
    brokers: brokers.map(checkedBroker),
    topics: topics.map(topicMetadata),
  }),
})

/** @throws WireError for an address that could not be connected to; without a name it would be this very machine */
export function checkedBroker({ nodeId, host, port }: BrokerAddress): BrokerAddress {
  if (host !== '' && port >= 1 && port <= 65_535) return { nodeId, host, port }
  throw new WireError(`broker ${nodeId} is said to be at ${host}:${port}`)
}

function topicMetadata({ errorCode, name, topicId, partitions }: MetadataResponseTopic): TopicMetadata {
  return {
    error: errorCode,
    name: name ?? '',
    id: topicId,
    partitions: partitions.map(({ errorCode, partitionIndex, leaderId }) => {
      if (partitionIndex < 0) throw new WireError(`a partition has number ${partitionIndex}`)
      return { error: errorCode, number: partitionIndex, leader: leaderId }
    }),
  }
}
