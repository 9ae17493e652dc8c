import type { ResolvedConnection } from '@lightflus/engine'
import { kafkaError, kafkaPatience } from '../kafka-errors.ts'
import { clusterOptions, type ClusterOptions } from '../network/cluster-options.ts'
import { KafkaClient } from '../network/kafka-client.ts'
import { createTopicsCodec } from '../protocol/generated/create-topics.ts'
import { deleteTopicsCodec } from '../protocol/generated/delete-topics.ts'
import type { TopicMetadata } from '../protocol/metadata.ts'
import { BrokerError, errorCode, plainCall } from '../protocol/request.ts'
import { withPatience } from '../with-patience.ts'
import { TopicLog } from './topic-log.ts'

const createTopics = plainCall(createTopicsCodec)
const deleteTopics = plainCall(deleteTopicsCodec)

const answerMsMax = 10_000
const byName = '0'.repeat(32)

/**
 * Nothing goes by itself: its reader deletes what it has read, which frees whole segments only, so these are small. As
 * many replicas as the cluster's topics have by default.
 */
const config = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'segment.bytes': '16777216',
}

/** Makes, opens and deletes topics that are logs of Lightflus's own. */
export class TopicLogs {
  readonly #options: ClusterOptions

  /** @throws LF_CONNECTION_OPTION */
  constructor(connection: ResolvedConnection) {
    this.#options = clusterOptions(connection)
  }

  /** Those that are there already are left as they are. @throws LF_CONNECTION_*, LF_KAFKA_* */
  create(topics: readonly string[], partitions: number, signal: AbortSignal): Promise<void> {
    const configs = Object.entries(config).map(([name, value]) => ({ name, value }))
    const request = {
      topics: topics.map((name) => ({
        name,
        numPartitions: partitions,
        replicationFactor: -1,
        assignments: [],
        configs,
      })),
      timeoutMs: answerMsMax,
      validateOnly: false,
    }
    return this.#ask(topics.join(', '), signal, async (client) => {
      const answer = await client.askAny(createTopics, request, { waitMs: answerMsMax })
      refuseAll('CreateTopics', answer.topics, errorCode.topicAlreadyExists)
      // Brokers hear of them one after another.
      for (const name of topics) {
        const { error } = await client.topic(name)
        if (error !== errorCode.none) throw new BrokerError(`Metadata of '${name}'`, error)
      }
    })
  }

  /** Those that are not there are no error. @throws LF_CONNECTION_*, LF_KAFKA_* */
  remove(topics: readonly string[], signal: AbortSignal): Promise<void> {
    const request = { topics: topics.map((name) => ({ name, topicId: byName })), timeoutMs: answerMsMax }
    return this.#ask(topics.join(', '), signal, async (client) => {
      const answer = await client.askAny(deleteTopics, request, { waitMs: answerMsMax })
      refuseAll('DeleteTopics', answer.responses, errorCode.unknownTopicOrPartition)
    })
  }

  /** Undefined: there is no such topic now. @throws LF_CONNECTION_*, LF_KAFKA_* */
  async open(
    topic: string,
    options: { readonly signal: AbortSignal; readonly onFailure: (error: Error) => void },
  ): Promise<TopicLog | undefined> {
    const client = new KafkaClient(this.#options)
    try {
      const metadata = await this.#find(client, topic, options.signal)
      if (metadata) return await TopicLog.open(client, metadata, options)
    } catch (thrown) {
      client.close()
      throw kafkaError(thrown, client.peer, `topic '${topic}'`)
    }
    client.close()
    return undefined
  }

  #find(client: KafkaClient, topic: string, signal: AbortSignal): Promise<TopicMetadata | undefined> {
    const find = async () => {
      const metadata = await client.topic(topic)
      if (metadata.error === errorCode.unknownTopicOrPartition) return undefined
      if (metadata.error !== errorCode.none) throw new BrokerError(`Metadata of '${topic}'`, metadata.error)
      return metadata
    }
    return withPatience(find, kafkaPatience(client.peer, `topic '${topic}'`), signal)
  }

  async #ask(what: string, signal: AbortSignal, ask: (client: KafkaClient) => Promise<void>): Promise<void> {
    const client = new KafkaClient(this.#options)
    try {
      await withPatience(() => ask(client), kafkaPatience(client.peer, `topics ${what}`), signal)
    } catch (thrown) {
      throw kafkaError(thrown, client.peer, `topics ${what}`)
    } finally {
      client.close()
    }
  }
}

function refuseAll(
  what: string,
  answers: readonly { readonly errorCode: number; readonly errorMessage?: string | null }[],
  allowed: number,
): void {
  for (const { errorCode: error, errorMessage } of answers)
    if (error !== errorCode.none && error !== allowed) throw new BrokerError(what, error, errorMessage)
}
