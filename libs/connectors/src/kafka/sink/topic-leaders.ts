import { deletedAfterMs, deletedError, recreatedError } from '../kafka-errors.ts'
import type { KafkaClient } from '../network/kafka-client.ts'
import type { TopicMetadata } from '../protocol/metadata.ts'
import { BrokerError, errorCode } from '../protocol/request.ts'

/** How often leaders and the number of partitions are looked up without an occasion, milliseconds. */
const ageMaxMs = 60_000

/** What a writer knows of its topic: how many partitions there are, and who leads them. */
export class TopicLeaders {
  /** By which the topic is told from another that bears its name later. */
  readonly topicId: string
  readonly #client: Pick<KafkaClient, 'peer' | 'topic'>
  readonly #topic: string
  /** Node ids by partition; -1: there is none at the moment. */
  #leaders: readonly number[] = []
  #askedAt = performance.now()
  #missingSince: number | undefined

  constructor(client: Pick<KafkaClient, 'peer' | 'topic'>, topic: string, metadata: TopicMetadata) {
    this.#client = client
    this.#topic = topic
    this.topicId = metadata.id
    this.#learn(metadata)
  }

  /** How many partitions there are; it never falls. */
  get count(): number {
    return this.#leaders.length
  }

  /** Node id; -1: there is none at the moment. */
  leaderOf(partition: number): number {
    return this.#leaders[partition]!
  }

  /** It is time to look again. */
  get isOld(): boolean {
    return performance.now() - this.#askedAt > ageMaxMs
  }

  /** What is known stays where it fails. @throws LF_KAFKA_TOPIC_DELETED, LF_KAFKA_TOPIC_RECREATED, and what may pass */
  async refresh(): Promise<void> {
    this.#askedAt = performance.now()
    const found = await this.#client.topic(this.#topic)
    if (found.error === errorCode.none) {
      this.#missingSince = undefined
      if (found.id !== this.topicId) throw recreatedError(this.#client.peer, this.#topic)
      return this.#learn(found)
    }
    if (found.error === errorCode.unknownTopicOrPartition) {
      this.#missingSince ??= performance.now()
      if (performance.now() - this.#missingSince >= deletedAfterMs) throw deletedError(this.#client.peer, this.#topic)
    }
    throw new BrokerError(`Metadata of '${this.#topic}'`, found.error)
  }

  #learn({ partitions }: TopicMetadata): void {
    const leaders = new Map(partitions.map(({ number, leader }) => [number, leader]))
    const count = Math.max(this.count, ...partitions.map(({ number }) => number + 1))
    this.#leaders = Array.from({ length: count }, (_, number) => leaders.get(number) ?? -1)
  }
}
