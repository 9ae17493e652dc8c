import { LightflusError } from '@lightflus/api'
import type { ConnectorContext, SourceBatch, SourcePartition, SourcePositions, SourceReader } from '@lightflus/engine'
import { connectionOf } from '../../connection-options.ts'
import { retryPauseMs } from '../../patience.ts'
import { pause } from '../../pause.ts'
import { at } from '../../connection-errors.ts'
import { kafkaError, mayPass, recreatedError } from '../kafka-errors.ts'
import { clusterOptions } from '../network/cluster-options.ts'
import { AnswerBuffers } from '../network/answer-buffers.ts'
import { KafkaClient, type OffsetsByPartition } from '../network/kafka-client.ts'
import type { TopicMetadata } from '../protocol/metadata.ts'
import { earliest, latest } from '../protocol/offsets.ts'
import { BrokerError } from '../protocol/request.ts'
import { WireError } from '../protocol/wire.ts'
import { openTopic } from '../open-topic.ts'
import type { KafkaPosition, KafkaSourceOptions } from './kafka-source-options.ts'
import { PartitionReader } from './partition-reader.ts'
import { TopicFetcher } from './topic-fetcher.ts'

/** Tries to learn where to begin. */
const openTriesMax = 40

/**
 * Reads the partitions of a topic whose number modulo parallelism is the subtask's. Where to go on is in our
 * checkpoints alone; a group is only told of it, and nothing that happens to the group moves a position.
 */
export class KafkaSource implements SourceReader {
  readonly bounded: boolean
  readonly #context: ConnectorContext<'source'>
  readonly #options: KafkaSourceOptions
  readonly #client: KafkaClient
  readonly #partitions: PartitionReader[] = []
  readonly #buffers: AnswerBuffers
  /** The partition whose records were handed out last. */
  #taken: PartitionReader | undefined
  #fetcher: TopicFetcher | undefined
  #turn = 0
  /** The commit that is under way, and what to commit after it. */
  #committing: Promise<void> | undefined

  constructor(context: ConnectorContext<'source'>, buffers = new AnswerBuffers()) {
    this.#context = context
    this.#options = context.operator.node.options['connector'] as unknown as KafkaSourceOptions
    this.bounded = this.#options.bounded
    this.#buffers = buffers
    this.#client = new KafkaClient(clusterOptions(connectionOf(context, 'kafka')))
  }

  async open(restored: SourcePositions | undefined): Promise<void> {
    const { signal } = this.#context
    signal.addEventListener('abort', () => this.#client.close(), { once: true })
    try {
      await this.#client.connect()
      const topic = await this.#begin(restored)
      this.#startFetching(topic)
    } catch (thrown) {
      this.#client.close()
      throw kafkaError(thrown, this.#client.peer, `topic '${this.#options.topic}'`)
    }
  }

  /** Finds where to begin, once the partitions of a topic that was only just made have leaders. */
  async #begin(restored: SourcePositions | undefined): Promise<TopicMetadata> {
    for (let tries = 1; ; tries++) {
      const topic = await openTopic(this.#client, this.#options.topic, this.#context.signal)
      try {
        await this.#add(topic, this.#checked(restored, topic))
        return topic
      } catch (thrown) {
        if (tries === openTriesMax || !(thrown instanceof BrokerError) || !mayPass(thrown)) throw thrown
        await pause(retryPauseMs, this.#context.signal)
      }
    }
  }

  /** @throws LF_SOURCE_POSITION, LF_KAFKA_TOPIC_RECREATED when the positions are not of this topic */
  #checked(
    restored: SourcePositions | undefined,
    topic: TopicMetadata,
  ): ReadonlyMap<string, KafkaPosition> | undefined {
    if (!restored) return undefined
    const positions = new Map(Object.entries(restored as unknown as Readonly<Record<string, KafkaPosition>>))
    for (const [name, { topicId }] of positions) {
      const other = name.slice(0, name.lastIndexOf('/'))
      if (other !== topic.name)
        throw new LightflusError(
          'LF_SOURCE_POSITION',
          `The checkpoint goes on in topic '${other}', but the program now reads '${topic.name}'`,
        )
      if (topicId !== topic.id) throw recreatedError(this.#client.peer, topic.name)
    }
    return positions
  }

  /** Begins to read those of the subtask's partitions that it does not read yet. */
  async #add(topic: TopicMetadata, restored: ReadonlyMap<string, KafkaPosition> | undefined): Promise<void> {
    const { index, parallelism } = this.#context.subtask
    const known = new Set(this.#partitions.map(({ number }) => number))
    const added = topic.partitions.filter(({ number }) => number % parallelism === index && !known.has(number))
    if (added.length === 0) return
    const positionOf = (number: number): KafkaPosition | undefined => restored?.get(`${topic.name}/${number}`)
    const fresh = added.map(({ number }) => number).filter((number) => !positionOf(number))
    const endless = added.map(({ number }) => number).filter((number) => positionOf(number)?.end === undefined)
    const starts = await this.#starts(topic, fresh, restored !== undefined || this.#fetcher !== undefined)
    const ends = this.bounded ? await this.#client.offsets(topic, endless, latest) : undefined
    for (const { number, leader } of added) {
      const position = positionOf(number)
      const reader = new PartitionReader({
        topic: topic.name,
        topicId: topic.id,
        partition: number,
        offset: position?.offset ?? starts.get(number)!,
        end: ends ? (position?.end ?? ends.get(number)) : undefined,
        envelope: this.#options.envelope,
        buffers: this.#buffers,
        // Where the program tells the time of its records, nobody looks at Kafka's.
        timestamps: this.#context.operator.functions.eventTime === undefined,
      })
      reader.leader = leader
      this.#partitions.push(reader)
    }
  }

  /** Where partitions without a position begin: at their beginning, unless this is the job's first start. */
  async #starts(topic: TopicMetadata, partitions: readonly number[], isLater: boolean): Promise<OffsetsByPartition> {
    const { start } = this.#options
    if (partitions.length === 0) return new Map()
    if (isLater || start === 'earliest') return this.#client.offsets(topic, partitions, earliest)
    if (start === 'latest') return this.#client.offsets(topic, partitions, latest)
    if (start === 'committed') return this.#committedStarts(topic, partitions)
    const found = await this.#client.offsets(topic, partitions, start.timestamp)
    const ends = await this.#client.offsets(topic, partitions, latest)
    return new Map(
      partitions.map((number) => [number, found.get(number)! < 0 ? ends.get(number)! : found.get(number)!]),
    )
  }

  async #committedStarts(topic: TopicMetadata, partitions: readonly number[]): Promise<OffsetsByPartition> {
    const group = this.#options.group!
    // Of all partitions: a group that has read the topic may lack a commit for one that was added since.
    const committed = await this.#client.committed(
      group,
      topic.name,
      topic.partitions.map(({ number }) => number),
    )
    if (committed.size === 0)
      throw new LightflusError(
        'LF_KAFKA_NO_COMMITTED_OFFSET',
        `${at(this.#client.peer)}: group '${group}' has committed no offset for topic '${topic.name}'`,
      )
    const beginnings = await this.#client.offsets(topic, partitions, earliest)
    return new Map(partitions.map((number) => [number, committed.get(number) ?? beginnings.get(number)!]))
  }

  #startFetching(topic: TopicMetadata): void {
    this.#fetcher = new TopicFetcher({
      client: this.#client,
      topic: topic.name,
      topicId: topic.id,
      partitions: this.#partitions,
      buffers: this.#buffers,
      signal: this.#context.signal,
      onChange: this.#context.wake,
      onTopic: (found) => (this.bounded ? Promise.resolve() : this.#add(found, undefined)),
    })
    this.#fetcher.start()
  }

  poll(recordsMax: number): SourceBatch | undefined {
    this.#taken?.letGo()
    this.#taken = undefined
    for (let tried = 0; tried < this.#partitions.length; tried++) {
      const partition = this.#partitions[this.#turn++ % this.#partitions.length]!
      const batch = partition.isHeld ? undefined : this.#take(partition, recordsMax)
      // Also where it gave nothing: that what was fetched has come to its end shows only when more is asked for.
      if (partition.wantsMore) this.#fetcher!.fill()
      if (!batch) continue
      this.#taken = partition
      return batch
    }
    // What had arrived before the failure is worth handing on; its positions are right.
    if (this.#fetcher?.failure) throw this.#fetcher.failure
    return undefined
  }

  #take(partition: PartitionReader, recordsMax: number): SourceBatch | undefined {
    try {
      return partition.take(recordsMax)
    } catch (thrown) {
      if (!(thrown instanceof WireError)) throw thrown
      throw new LightflusError('LF_KAFKA_PROTOCOL', `${at(this.#client.peer)}: ${thrown.message}`, { cause: thrown })
    }
  }

  hold(held: ReadonlySet<string>): void {
    for (const partition of this.#partitions) partition.isHeld = held.has(partition.name)
    this.#fetcher?.fill()
  }

  partitions(): readonly SourcePartition[] {
    return this.#partitions.map((partition) => partition.status())
  }

  positions(): SourcePositions {
    return Object.fromEntries(this.#partitions.map(({ name, position }) => [name, { ...position }]))
  }

  onCheckpointComplete(positions: SourcePositions): void {
    const { group, topic } = this.#options
    // While one is under way the next is left out: the one after it says more.
    if (group === null || this.#committing) return
    const own = new Map(
      this.#partitions
        .filter(({ name }) => positions[name] !== undefined)
        .map(({ name, number }) => [number, (positions[name] as unknown as KafkaPosition).offset]),
    )
    if (own.size === 0) return
    this.#committing = this.#client
      .commit(group, topic, own)
      .catch((thrown: unknown) => {
        const { message } = kafkaError(thrown, this.#client.peer, `group '${group}'`)
        this.#context.log(
          'warn',
          `Group '${group}' could not be told of the positions, which only tools show: ${message}`,
        )
      })
      .finally(() => (this.#committing = undefined))
  }

  async close(): Promise<void> {
    this.#fetcher?.close()
    // Of the last checkpoint: what tools show after the job has ended.
    if (!this.#context.signal.aborted) await this.#committing
    this.#client.close()
    for (const partition of this.#partitions) partition.close()
  }
}
