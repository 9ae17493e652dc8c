import type { ConnectorContext, SinkWriter } from '@lightflus/engine'
import { LightflusError, type ChangeKind } from '@lightflus/api'
import { BatchWriter } from '../../batch-writer.ts'
import { connectionOf } from '../../connection-options.ts'
import { kafkaError } from '../kafka-errors.ts'
import { clusterOptions } from '../network/cluster-options.ts'
import { KafkaClient } from '../network/kafka-client.ts'
import type { WrittenCompression } from '../records/compression.ts'
import { openTopic } from '../open-topic.ts'
import { rowWrites } from '../../row-writes.ts'
import { unlessRejected } from '../../unless-rejected.ts'
import { RecordMaker, requireKey, rowKey, sizeOf, type OutgoingRecord } from './kafka-sink-record.ts'
import { TopicWriter } from './topic-writer.ts'

export interface KafkaSinkOptions {
  readonly topic: string
  readonly compression: WrittenCompression
  /** Rows are upserted by key, so each has to have one; null: records are added. */
  readonly changelog: 'upsert' | null
}

const batchRecordsMax = 10_000
/** Below the megabyte that brokers take at most by default, however the records fall on partitions. */
const batchBytesMax = 512 * 1024

/** Writes records to a topic; a flush waits until the broker has acknowledged all of them. */
export class KafkaSink implements SinkWriter {
  readonly #context: ConnectorContext<'sink'>
  readonly #options: KafkaSinkOptions
  readonly #client: KafkaClient
  readonly #maker: RecordMaker
  readonly #batches: BatchWriter<OutgoingRecord>
  /** Ends a write that is being tried again. */
  readonly #closing = new AbortController()
  #writer: TopicWriter | undefined
  #bytes = 0

  constructor(context: ConnectorContext<'sink'>) {
    this.#context = context
    this.#options = context.operator.node.options['connector'] as unknown as KafkaSinkOptions
    this.#client = new KafkaClient(clusterOptions(connectionOf(context, 'kafka')))
    this.#maker = new RecordMaker(context.operator.functions)
    this.#batches = new BatchWriter({
      itemsMax: batchRecordsMax,
      bytesMax: batchBytesMax,
      send: (records) => this.#writer!.write(records),
    })
  }

  async open(): Promise<void> {
    const { topic, compression } = this.#options
    const signal = AbortSignal.any([this.#context.signal, this.#closing.signal])
    signal.addEventListener('abort', () => this.#client.close(), { once: true })
    try {
      await this.#client.connect()
      const metadata = await openTopic(this.#client, topic, signal)
      this.#writer = new TopicWriter({ client: this.#client, topic, compression, signal }, metadata)
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
    for (const [index, value] of values.entries()) {
      const write = writes ? writes[index] : 'put'
      if (write === undefined || write === 'leave') continue
      try {
        const record = this.#maker.make(value, timestamps[index]!, now, write === 'remove')
        if (this.#options.changelog === 'upsert') requireKey(record)
        this.#checkPartition(record)
        const bytes = sizeOf(record)
        this.#bytes += bytes
        this.#batches.add(record, bytes)
      } catch (thrown) {
        this.#context.rejectRecord(thrown, { index })
      }
    }
    return this.#batches.ready()
  }

  #rowKeys(values: readonly unknown[]): (string | undefined)[] {
    const { operator, rejectRecord } = this.#context
    return values.map((value, index) =>
      unlessRejected(rejectRecord, index, () => rowKey(operator.functions['key']!(value))),
    )
  }

  #checkPartition({ partition }: OutgoingRecord): void {
    const count = this.#writer!.partitionCount
    if (partition !== undefined && partition >= count)
      throw new LightflusError(
        'LF_SINK_VALUE',
        `partition yielded ${partition}, but topic '${this.#options.topic}' has partitions 0 to ${count - 1}`,
      )
  }

  flush(): Promise<void> {
    return this.#batches.flush()
  }

  bytesWritten(): number {
    return this.#bytes
  }

  close(): Promise<void> {
    this.#batches.close()
    this.#closing.abort()
    return Promise.resolve()
  }
}
