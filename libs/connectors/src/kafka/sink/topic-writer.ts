import { LightflusError } from '@lightflus/api'
import { at, authError } from '../../connection-errors.ts'
import { retryPauseMs } from '../../patience.ts'
import { pause } from '../../pause.ts'
import { deletedAfterMs, deletedError, kafkaError, kafkaPatience, mayPass } from '../kafka-errors.ts'
import type { KafkaClient } from '../network/kafka-client.ts'
import type { TopicMetadata } from '../protocol/metadata.ts'
import type { ProducedPartition } from '../protocol/produce.ts'
import { BrokerError, errorCode, errorName } from '../protocol/request.ts'
import type { WrittenCompression } from '../records/compression.ts'
import { partitionOfKey } from '../records/murmur2.ts'
import { encodeBatch } from '../records/record-batch.ts'
import type { OutgoingRecord } from './kafka-sink-record.ts'

/** How long the leader may wait for its replicas, milliseconds. */
const acknowledgeMs = 10_000
/** How often leaders and the number of partitions are looked up without an occasion, milliseconds. */
const metadataAgeMs = 60_000

/** Records of one partition that are sent and acknowledged, or refused, together. */
interface PartitionBatch {
  readonly partition: number
  readonly records: readonly OutgoingRecord[]
}

export interface TopicWriterOptions {
  readonly client: KafkaClient
  readonly topic: string
  readonly compression: WrittenCompression
  readonly signal: AbortSignal
}

/**
 * Writes records to a topic and waits until all replicas in sync have them. A record's partition is chosen once and
 * stays the same however often sending is tried, and a partition's records stay in their order; what was written
 * although the answer got lost is written again (at least once).
 */
export class TopicWriter {
  readonly #options: TopicWriterOptions
  #metadata: TopicMetadata
  #metadataAt = performance.now()
  #missingSince: number | undefined
  /** Where records without a key go next: all of one call to the same partition, as Kafka's own client does. */
  #sticky = 0

  constructor(options: TopicWriterOptions, metadata: TopicMetadata) {
    this.#options = options
    this.#metadata = metadata
    this.#sticky = Math.floor(performance.now()) % metadata.partitions.length
  }

  /** How many partitions there are: numbers from 0 below this may be chosen. */
  get partitionCount(): number {
    return this.#metadata.partitions.length
  }

  /** @throws LF_KAFKA_*, LF_CONNECTION_*; LF_CONNECTION_LOST after half a minute without success */
  async write(records: readonly OutgoingRecord[]): Promise<void> {
    if (performance.now() - this.#metadataAt > metadataAgeMs) await this.#tryRefresh()
    const patience = kafkaPatience(this.#options.client.peer, `topic '${this.#options.topic}'`)
    let left = this.#spread(records)
    while (left.length > 0) {
      // A request holds one batch of a partition, and their order is kept by sending the next only after it.
      const isFirst = (batch: PartitionBatch, at: number): boolean =>
        left.findIndex(({ partition }) => partition === batch.partition) === at
      const [first, later] = [left.filter(isFirst), left.filter((batch, at) => !isFirst(batch, at))]
      const { unsent, trouble } = await this.#send(first)
      left = [...unsent, ...later]
      if (trouble === undefined) continue
      patience.failed(trouble)
      await pause(retryPauseMs, this.#options.signal)
      if (this.#options.signal.aborted)
        throw kafkaError(trouble, this.#options.client.peer, `topic '${this.#options.topic}'`)
      await this.#tryRefresh()
    }
  }

  #spread(records: readonly OutgoingRecord[]): PartitionBatch[] {
    const count = this.partitionCount
    this.#sticky++
    const groups = Map.groupBy(
      records,
      ({ partition, key }) => partition ?? (key === null ? this.#sticky % count : partitionOfKey(key, count)),
    )
    return [...groups].map(([partition, records]) => ({ partition, records }))
  }

  /** Sends each batch once; tells which are still to be sent, and what kept them back, if anything. */
  async #send(batches: readonly PartitionBatch[]): Promise<{ unsent: PartitionBatch[]; trouble: unknown }> {
    const leaders = new Map(this.#metadata.partitions.map(({ number, leader }) => [number, leader]))
    const byLeader = Map.groupBy(batches, ({ partition }) => leaders.get(partition) ?? -1)
    let trouble: unknown
    const unsent = await Promise.all(
      [...byLeader].map(async ([leader, led]) => {
        try {
          if (leader < 0) throw new BrokerError('Produce', errorCode.leaderNotAvailable)
          const answers = await this.#produce(leader, led)
          return led.flatMap((batch) => {
            const answer = answers.find(({ partition }) => partition === batch.partition)
            const rest = this.#settle(batch, answer)
            if (rest.length === 1) trouble ??= new BrokerError('Produce', answer?.error ?? errorCode.unknownServerError)
            return rest
          })
        } catch (thrown) {
          if (!mayPass(thrown)) throw thrown
          trouble ??= thrown
          return led
        }
      }),
    )
    return { unsent: unsent.flat(), trouble }
  }

  #produce(leader: number, batches: readonly PartitionBatch[]): Promise<readonly ProducedPartition[]> {
    const { client, topic, compression } = this.#options
    const partitions = batches.map(({ partition, records }) => ({
      partition,
      records: encodeBatch(records, compression),
    }))
    return client.produce(leader, { topic, timeoutMs: acknowledgeMs, partitions })
  }

  /** What is left to send of a batch: nothing, itself, or its two halves where it was too large. */
  #settle(batch: PartitionBatch, answer: ProducedPartition | undefined): PartitionBatch[] {
    const error = answer?.error ?? errorCode.unknownServerError
    if (error === errorCode.none) return []
    if (error === errorCode.messageTooLarge || error === errorCode.recordListTooLarge) return this.#halves(batch)
    const { client, topic } = this.#options
    const what = `topic '${topic}'`
    if (
      error === errorCode.invalidRecord ||
      error === errorCode.invalidTimestamp ||
      error === errorCode.policyViolation
    )
      throw new LightflusError(
        'LF_KAFKA_RECORD_REFUSED',
        `${at(client.peer)}, ${what}, partition ${batch.partition}: ${answer?.message ?? errorName(error)}`,
        { details: { connection: client.peer.connection, topic } },
      )
    if (error === errorCode.topicAuthorizationFailed)
      throw authError(client.peer, `does not let this user write ${what} (${errorName(error)})`)
    if (!mayPass(new BrokerError('Produce', error)))
      throw kafkaError(new BrokerError('Produce', error, answer?.message), client.peer, what)
    return [batch]
  }

  #halves({ partition, records }: PartitionBatch): PartitionBatch[] {
    if (records.length > 1) {
      const middle = Math.ceil(records.length / 2)
      return [records.slice(0, middle), records.slice(middle)].map((half) => ({ partition, records: half }))
    }
    const { client, topic } = this.#options
    const bytes = (records[0]?.value?.length ?? 0) + (records[0]?.key?.length ?? 0)
    throw new LightflusError(
      'LF_KAFKA_RECORD_TOO_LARGE',
      `${at(client.peer)}, topic '${topic}': a record of ${(bytes / 1024 / 1024).toFixed(1)} MiB is larger than the broker takes`,
      { details: { connection: client.peer.connection, topic, bytes } },
    )
  }

  /** What is known stays, where the cluster cannot be asked at the moment. */
  async #tryRefresh(): Promise<void> {
    await this.#refresh().catch((thrown: unknown) => {
      if (!mayPass(thrown)) throw kafkaError(thrown, this.#options.client.peer, `topic '${this.#options.topic}'`)
    })
  }

  async #refresh(): Promise<void> {
    const { client, topic } = this.#options
    const found = await client.topic(topic)
    if (found.error === errorCode.none) {
      this.#metadata = found
      this.#metadataAt = performance.now()
      this.#missingSince = undefined
      return
    }
    if (found.error === errorCode.unknownTopicOrPartition) {
      this.#missingSince ??= performance.now()
      if (performance.now() - this.#missingSince >= deletedAfterMs) throw deletedError(client.peer, topic)
    }
    throw new BrokerError(`Metadata of '${topic}'`, found.error)
  }
}
