import type { ConnectorContext, EncodedRecords, SinkCheckpoints, SinkCommits, SinkWriter } from '@lightflus/engine'
import type { ChangeKind } from '@lightflus/api'
import { connectionOf } from '../../connection-options.ts'
import { kafkaError } from '../kafka-errors.ts'
import { clusterOptions } from '../network/cluster-options.ts'
import { KafkaClient } from '../network/kafka-client.ts'
import type { WrittenCompression } from '../records/compression.ts'
import type { RecordHeader } from '../records/record-batch.ts'
import { openTopic } from '../open-topic.ts'
import { rowWrites } from '../../row-writes.ts'
import { exactlyOnce, type Delivery } from '../../staging/delivery.ts'
import { unlessRejected } from '../../unless-rejected.ts'
import { headersOf, keyOf, partitionOf, rowKey, rowKeyOf, timeOf, valueOf } from './kafka-sink-record.ts'
import { initIdentity } from './init-identity.ts'
import { abandon, kafkaCommits, type KafkaCommits, type TransactionKind } from './kafka-commits.ts'
import type { RecordOutput } from './staged-records.ts'
import { TopicProducer } from './topic-producer.ts'

export interface KafkaSinkOptions {
  readonly topic: string
  readonly compression: WrittenCompression
  /** Rows are upserted by key, so each has to have one; null: records are added. */
  readonly changelog: 'upsert' | null
  /** Whether the cluster guards against records that are written twice. Default true. */
  readonly idempotent?: boolean
  /** Default: exactly once where checkpoints survive the loss of the process, and producers may be idempotent. */
  readonly delivery?: Delivery
  readonly transactions?: TransactionKind
}

const noHeaders: readonly RecordHeader[] = []

/**
 * Writes records to a topic: at least once, where a flush waits until the broker has acknowledged all of them, or exactly
 * once, in transactions that are committed with the job's checkpoints.
 */
export class KafkaSink implements SinkWriter {
  readonly encodes?: string
  readonly commits?: SinkCommits
  readonly #context: ConnectorContext<'sink'>
  readonly #options: KafkaSinkOptions
  readonly #client: KafkaClient
  /** Ends a write that is being tried again. */
  readonly #closing = new AbortController()
  readonly #checkpoints: SinkCheckpoints | undefined
  #producer: TopicProducer | undefined
  /** Where records go: the producer, unless they are kept for the checkpoint. */
  #output: RecordOutput | undefined
  #committing: KafkaCommits | undefined

  constructor(context: ConnectorContext<'sink'>) {
    this.#context = context
    this.#options = context.operator.node.options['connector'] as unknown as KafkaSinkOptions
    this.#client = new KafkaClient(clusterOptions(connectionOf(context, 'kafka')))
    const { key, headers, partition } = context.operator.functions
    if (!key && !headers && !partition && this.#options.changelog !== 'upsert') this.encodes = 'value'
    const { idempotent = true, delivery = idempotent ? null : 'at-least-once' } = this.#options
    this.#checkpoints = exactlyOnce(context, delivery)
    if (this.#checkpoints)
      this.commits = {
        resume: (former) => this.#committing!.commits.resume(former),
        prepare: (checkpoint) => this.#committing!.commits.prepare(checkpoint),
        commit: (checkpoint) => this.#committing!.commits.commit(checkpoint),
      }
  }

  async open(): Promise<void> {
    const { topic, compression, idempotent = true } = this.#options
    const signal = AbortSignal.any([this.#context.signal, this.#closing.signal])
    signal.addEventListener('abort', () => this.#client.close(), { once: true })
    try {
      await this.#client.connect()
      const metadata = await openTopic(this.#client, topic, signal)
      const checkpoints = this.#checkpoints
      // A transaction brings an identity with it.
      const identity = idempotent && !checkpoints ? await initIdentity(this.#client, topic, signal) : undefined
      const producer = new TopicProducer({ client: this.#client, topic, compression, signal, identity }, metadata)
      this.#producer = producer
      this.#output = producer
      if (!checkpoints) return
      this.#committing = kafkaCommits({
        client: this.#client,
        producer,
        signal,
        checkpoints,
        context: this.#context,
        options: this.#options,
      })
      this.#output = this.#committing.output
    } catch (thrown) {
      this.#closing.abort()
      throw kafkaError(thrown, this.#client.peer, `topic '${topic}'`)
    }
  }

  write(
    values: readonly unknown[],
    timestamps: readonly number[],
    changes?: readonly ChangeKind[],
  ): void | Promise<void> {
    const now = this.#context.clock.now()
    const writes = changes && rowWrites(changes, this.#rowKeys(values))
    for (let index = 0; index < values.length; index++) {
      const write = writes ? writes[index] : 'put'
      if (write === undefined || write === 'leave') continue
      try {
        this.#add(values[index], timeOf(timestamps[index]!, now), write === 'remove')
      } catch (thrown) {
        this.#context.rejectRecord(thrown, { index })
      }
    }
    return this.#output!.ready()
  }

  /** @param isTombstone the record has no value: what its key stood for is gone */
  #add(record: unknown, timestamp: number, isTombstone: boolean): void {
    const producer = this.#producer!
    const { value, key, headers, partition } = this.#context.operator.functions
    const isUpsert = this.#options.changelog === 'upsert'
    const keyBytes = isUpsert ? rowKeyOf(key!(record)) : key ? keyOf(key(record)) : null
    this.#output!.add(
      keyBytes,
      isTombstone ? null : valueOf(value!(record)),
      headers ? headersOf(headers(record)) : noHeaders,
      timestamp,
      partition ? partitionOf(partition(record), this.#options.topic, producer.partitionCount) : undefined,
    )
  }

  #rowKeys(values: readonly unknown[]): (string | undefined)[] {
    const { operator, rejectRecord } = this.#context
    return values.map((value, index) =>
      unlessRejected(rejectRecord, index, () => rowKey(operator.functions['key']!(value))),
    )
  }

  writeEncoded(records: EncodedRecords, timestamps: readonly number[]): void | Promise<void> {
    const now = this.#context.clock.now()
    this.#output!.addEncoded(records, (index) => timeOf(timestamps[index]!, now))
    return this.#output!.ready()
  }

  flush(): Promise<void> {
    return this.#producer!.flush()
  }

  bytesWritten(): number {
    return this.#producer?.bytesAdded ?? 0
  }

  async close(): Promise<void> {
    this.#producer?.close()
    const abandoned = this.#committing?.abandoned()
    this.#closing.abort()
    if (abandoned) await abandon(abandoned, clusterOptions(connectionOf(this.#context, 'kafka')))
  }
}
