import { isLightflusError } from '@lightflus/api'
import { messageOf } from '../../connection-errors.ts'
import { retryPauseMs } from '../../patience.ts'
import { pause } from '../../pause.ts'
import { errorOfCode, kafkaError, kafkaPatience, recreatedError } from '../kafka-errors.ts'
import { AnswerBuffers } from '../network/answer-buffers.ts'
import type { KafkaClient } from '../network/kafka-client.ts'
import { deleteRecordsCodec } from '../protocol/generated/delete-records.ts'
import type { FetchedPartition } from '../protocol/fetch.ts'
import type { TopicMetadata } from '../protocol/metadata.ts'
import { latest } from '../protocol/offsets.ts'
import { BrokerError, errorCode, isTransient, plainCall } from '../protocol/request.ts'
import { largestBatchBytes } from '../records/record-batch.ts'
import { RecordSet } from '../records/record-set.ts'
import { TopicProducer } from '../sink/topic-producer.ts'
import { initIdentity } from '../sink/init-identity.ts'
import { withPatience } from '../with-patience.ts'

const deleteRecords = plainCall(deleteRecordsCodec)

const fetchWaitMs = 500
const fetchBytes = 1024 * 1024
/** What is read of a partition before it is deleted there, bytes. */
const deleteEveryBytes = 16 * 1024 * 1024
const deleteMsMax = 10_000

export interface Following {
  close(): void
}

/**
 * A topic that is a log of Lightflus's own: records are bytes, a partition has one reader, and what that has read is
 * deleted. What fails for good is told once; nothing works from then on.
 */
export class TopicLog {
  readonly #client: KafkaClient
  readonly #topic: string
  readonly #signal: AbortSignal
  readonly #onFailure: (error: Error) => void
  readonly #producer: TopicProducer
  #metadata: TopicMetadata
  #isOver = false

  private constructor(options: {
    readonly client: KafkaClient
    readonly metadata: TopicMetadata
    readonly producer: TopicProducer
    readonly signal: AbortSignal
    readonly onFailure: (error: Error) => void
  }) {
    this.#client = options.client
    this.#topic = options.metadata.name
    this.#metadata = options.metadata
    this.#producer = options.producer
    this.#signal = options.signal
    this.#onFailure = options.onFailure
  }

  /** @param client the log's own, closed with it @throws LF_CONNECTION_*, LF_KAFKA_* */
  static async open(
    client: KafkaClient,
    metadata: TopicMetadata,
    { signal, onFailure }: { readonly signal: AbortSignal; readonly onFailure: (error: Error) => void },
  ): Promise<TopicLog> {
    const identity = await initIdentity(client, metadata.name, signal)
    const producer = new TopicProducer(
      { client, topic: metadata.name, compression: 'none', signal, identity },
      metadata,
    )
    return new TopicLog({ client, metadata, producer, signal, onFailure })
  }

  /** Offset behind the last record that a partition holds now. */
  async end(partition: number): Promise<number> {
    const patience = kafkaPatience(this.#client.peer, `topic '${this.#topic}'`)
    const ask = async () => {
      await this.#refresh()
      return this.#client.offsets(this.#metadata, [partition], latest)
    }
    return (await withPatience(ask, patience, this.#signal)).get(partition)!
  }

  /** Copies the bytes; they are written in the order of the calls, each once. */
  append(partition: number, value: Uint8Array): void {
    if (this.#isOver) return
    this.#producer.add(null, value, [], Date.now(), partition)
    this.#producer.ready()?.catch((thrown: unknown) => this.#fail(thrown))
  }

  /** Settles when all that was appended is in the log. */
  flush(): Promise<void> {
    return this.#producer.flush()
  }

  /** Reads a partition from an offset on, for good. The bytes are the callback's only while it runs. */
  follow(partition: number, from: number, onRecord: (value: Buffer) => void): Following {
    const following = { isClosed: false, close: () => void (following.isClosed = true) }
    void this.#follow(partition, from, (value) => !following.isClosed && onRecord(value), following).catch(
      (thrown: unknown) => this.#fail(thrown),
    )
    return following
  }

  close(): void {
    this.#isOver = true
    this.#producer.close()
    this.#client.close()
  }

  async #follow(
    partition: number,
    from: number,
    onRecord: (value: Buffer) => void,
    following: { readonly isClosed: boolean },
  ): Promise<void> {
    const patience = kafkaPatience(this.#client.peer, `topic '${this.#topic}'`)
    const buffers = new AnswerBuffers()
    let offset = from
    let bytesMax = fetchBytes
    let bytesRead = 0
    this.#delete(partition, from)
    while (!this.#isOver && !following.isClosed) {
      try {
        const { fetched, release } = await this.#fetch(partition, offset, bytesMax, buffers)
        try {
          const set = new RecordSet(fetched, offset, `${this.#topic}/${partition}`)
          for (let record = set.next(); record; record = set.next()) if (record.value) onRecord(record.value as Buffer)
          bytesMax = set.end === offset ? Math.max(fetchBytes, largestBatchBytes(fetched.records)) : fetchBytes
          bytesRead += set.bytes
          offset = set.nextOffset
        } finally {
          release()
        }
        patience.worked()
        if (bytesRead >= deleteEveryBytes) {
          bytesRead = 0
          this.#delete(partition, offset)
        }
      } catch (thrown) {
        if (this.#isOver || following.isClosed) return
        patience.failed(thrown)
        await pause(retryPauseMs, this.#signal)
        await this.#refresh().catch((refused: unknown) => {
          if (isLightflusError(refused)) throw refused
        })
      }
    }
  }

  async #fetch(
    partition: number,
    offset: number,
    bytesMax: number,
    buffers: AnswerBuffers,
  ): Promise<{ readonly fetched: FetchedPartition; readonly release: () => void }> {
    const request = {
      topicId: this.#metadata.id,
      waitMs: fetchWaitMs,
      bytesMax,
      partitions: [{ partition, offset, bytesMax }],
    }
    const { partitions, lent } = await this.#client.fetch(this.#leaderOf(partition), request, buffers)
    const fetched = partitions.find((each) => each.partition === partition)
    const error = fetched?.error ?? errorCode.unknownServerError
    if (error === errorCode.none) return { fetched: fetched!, release: () => lent.release() }
    lent.release()
    if (isTransient(error)) throw new BrokerError(`Fetch of ${this.#topic}/${partition}`, error)
    throw errorOfCode(error, this.#client.peer, `topic '${this.#topic}'`)
  }

  #leaderOf(partition: number): number {
    const leader = this.#metadata.partitions.find(({ number }) => number === partition)?.leader ?? -1
    if (leader < 0) throw new BrokerError(`Leader of ${this.#topic}/${partition}`, errorCode.leaderNotAvailable)
    return leader
  }

  /** @throws LF_KAFKA_TOPIC_RECREATED, and what may pass */
  async #refresh(): Promise<void> {
    const metadata = await this.#client.topic(this.#topic)
    if (metadata.error !== errorCode.none) throw new BrokerError(`Metadata of '${this.#topic}'`, metadata.error)
    if (metadata.id !== this.#metadata.id) throw recreatedError(this.#client.peer, this.#topic)
    this.#metadata = metadata
  }

  /** Only saves room: what fails is tried again with the next. */
  #delete(partition: number, offset: number): void {
    const partitions = [{ partitionIndex: partition, offset }]
    const request = { topics: [{ name: this.#topic, partitions }], timeoutMs: deleteMsMax }
    void (async () => {
      await this.#client.askLeader(this.#leaderOf(partition), deleteRecords, request, { waitMs: deleteMsMax })
    })().catch(() => {})
  }

  #fail(thrown: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onFailure(kafkaError(thrown, this.#client.peer, `topic '${this.#topic}': ${messageOf(thrown)}`))
  }
}
