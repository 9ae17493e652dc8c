import type { EncodedRecords } from '@lightflus/engine'
import { retryPauseMs } from '../../patience.ts'
import { pause } from '../../pause.ts'
import { kafkaError, kafkaPatience, mayPass } from '../kafka-errors.ts'
import type { KafkaClient } from '../network/kafka-client.ts'
import type { TopicMetadata } from '../protocol/metadata.ts'
import type { ProducedPartition } from '../protocol/produce.ts'
import { BrokerError, errorCode } from '../protocol/request.ts'
import type { BatchEncoder } from '../records/batch-encoder.ts'
import type { WrittenCompression } from '../records/compression.ts'
import { partitionOfKey } from '../records/murmur2.ts'
import type { RecordHeader } from '../records/record-batch.ts'
import { BatchBuffers } from './batch-buffers.ts'
import { PartitionQueue, type OutgoingBatch, type ProducerIdentity } from './partition-queue.ts'
import { briefPauseMs, passesSoon } from '../with-patience.ts'
import { Gathering } from './gathering.ts'
import { initIdentity } from './init-identity.ts'
import { errorOfBatch, fateOf } from './produce-answer.ts'
import { TopicLeaders } from './topic-leaders.ts'

/** How long the leader may wait for its replicas, milliseconds. */
const acknowledgeMs = 10_000
/** Requests under way to one broker. */
const requestsMax = 5
/** Below the megabyte that brokers take by default, and so that it fits into a buffer of half of one. */
const batchBytesMax = 480 * 1024
/** Batches do not become smaller than this by what brokers refuse, bytes. */
const smallestBatchBytes = 16 * 1024
/** What may wait to be acknowledged before the caller is held back, bytes. */
export const unacknowledgedBytesMax = 4 * 1024 * 1024

/** What a producer wants of a cluster. */
export type ProducingClient = Pick<KafkaClient, 'peer' | 'topic' | 'produce' | 'initProducerId'>

/** What records are written in, to be seen together. */
export interface OpenTransaction {
  readonly transactionalId: string
  readonly identity: ProducerIdentity
  readonly produceVersionMax: number
  mustEnlist(topic: string, partition: number): boolean
  enlist(topic: string, partitions: readonly number[]): Promise<void>
}

export interface TopicProducerOptions {
  readonly client: ProducingClient
  readonly topic: string
  readonly compression: WrittenCompression
  readonly signal: AbortSignal
  /** Undefined: not idempotent; a partition's batches then go one at a time, and may be written twice. */
  readonly identity: ProducerIdentity | undefined
}

interface Waiter {
  readonly isMet: () => boolean
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

type Sent = readonly [queue: PartitionQueue, batch: OutgoingBatch]

/**
 * Writes records to a topic, each once and a partition's in their order, and waits until all replicas in sync have them.
 *
 * What is added is sent at once where nothing is under way to the partition's leader and nothing was sent to it just before,
 * so that a slow stream does not wait; else it gathers until an answer has come and some ms are over, or much is there. So
 * batches grow with the load.
 */
export class TopicProducer {
  readonly #options: TopicProducerOptions
  readonly #memory = new BatchBuffers()
  readonly #leaders: TopicLeaders
  readonly #queues: PartitionQueue[] = []
  /** Those that are not empty. */
  readonly #busy = new Set<PartitionQueue>()
  /** Requests under way, by node id. */
  readonly #requests = new Map<number, number>()
  readonly #gathering = new Gathering(() => this.#pump())
  #unacknowledged = 0
  #bytesAdded = 0
  #batchBytesMax = batchBytesMax
  /** Where records without a key go: to one partition until its batch is sent, as Kafka's own client does. */
  #sticky: number
  #isFlushing = false
  #transaction: OpenTransaction | undefined
  #enlisting: Promise<void> | undefined
  #recovery: Promise<void> | undefined
  #failure: { readonly error: Error } | undefined
  #waiters: Waiter[] = []

  constructor(options: TopicProducerOptions, metadata: TopicMetadata) {
    this.#options = options
    this.#leaders = new TopicLeaders(options.client, options.topic, metadata)
    this.#addQueues()
    this.#sticky = Math.floor(performance.now()) % this.#queues.length
  }

  /** How many partitions there are: numbers from 0 below this may be chosen. */
  get partitionCount(): number {
    return this.#queues.length
  }

  /**
   * What is added from now on belongs to a transaction: at the beginning of each, also where it is the same object.
   * All that was added before must have been acknowledged.
   */
  begin(transaction: OpenTransaction): void {
    if (this.#unacknowledged > 0) throw new Error('A transaction begins only where nothing is under way')
    this.#transaction = transaction
    for (const queue of this.#queues) queue.identify(transaction.identity)
  }

  /** Before compression. */
  get bytesAdded(): number {
    return this.#bytesAdded
  }

  /** @param partition undefined: by the key, or any */
  add(
    key: Uint8Array | null,
    value: Uint8Array | string | null,
    headers: readonly RecordHeader[],
    timestamp: number,
    partition: number | undefined,
  ): void {
    const queue = this.#queueOf(key, partition)
    const encoder = queue.encoder()
    const before = encoder.count === 0 ? 0 : encoder.length
    if (typeof value === 'string') encoder.addText(key, value, headers, timestamp)
    else encoder.add({ key, value, headers, timestamp })
    this.#added(queue, encoder, before)
  }

  /** Texts without key and headers, to any partition. */
  addEncoded(records: EncodedRecords, timestampOf: (index: number) => number): void {
    const { buffer, byteOffset, byteLength } = records.bytes
    const bytes = Buffer.from(buffer, byteOffset, byteLength)
    for (let index = 0; index < records.length;) {
      const queue = this.#queues[this.#sticky]!
      const encoder = queue.encoder()
      const before = encoder.count === 0 ? 0 : encoder.length
      index = encoder.addEncoded(records, bytes, index, this.#batchBytesMax, timestampOf)
      this.#added(queue, encoder, before)
    }
  }

  #queueOf(key: Uint8Array | null, partition: number | undefined): PartitionQueue {
    if (partition !== undefined) return this.#queues[partition]!
    return this.#queues[key === null ? this.#sticky : partitionOfKey(key, this.#queues.length)]!
  }

  #added(queue: PartitionQueue, encoder: BatchEncoder, before: number): void {
    this.#busy.add(queue)
    this.#unacknowledged += encoder.length - before
    this.#bytesAdded += encoder.length - before
    if (encoder.length < this.#batchBytesMax) return
    queue.close()
    this.#moveOn(queue)
  }

  /** Records without a key go elsewhere from now on. */
  #moveOn({ number }: PartitionQueue): void {
    if (number !== this.#sticky) return
    const count = this.#queues.length
    for (let step = 1; step <= count; step++) {
      this.#sticky = (number + step) % count
      if (!this.#queues[this.#sticky]!.isPaused) return
    }
  }

  /** After each write: nothing where there is room, else a promise that settles when there is. Rejects after a failure. */
  ready(): void | Promise<void> {
    this.#pump()
    const hasRoom = () => this.#unacknowledged < unacknowledgedBytesMax
    if (this.#failure || !hasRoom()) return this.#until(hasRoom)
  }

  /** Settles when everything has been acknowledged. */
  async flush(): Promise<void> {
    this.#isFlushing = true
    this.#pump()
    try {
      await this.#until(() => this.#unacknowledged === 0)
    } finally {
      this.#isFlushing = false
    }
  }

  #until(isMet: () => boolean): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.error)
    if (isMet()) return Promise.resolve()
    return new Promise((resolve, reject) => void this.#waiters.push({ isMet, resolve, reject }))
  }

  #wake(): void {
    if (this.#waiters.length === 0) return
    const failure = this.#failure
    this.#waiters = this.#waiters.filter(({ isMet, resolve, reject }) => {
      if (failure) reject(failure.error)
      else if (isMet()) resolve()
      else return true
      return false
    })
  }

  #fail(error: Error): void {
    this.#failure ??= { error }
    this.#wake()
  }

  /** Drops what has not been sent, of which no flush can then say that it is durable. */
  close(): void {
    this.#gathering.close()
    if (this.#unacknowledged > 0) this.#fail(new Error('The sink was closed before it had written everything'))
  }

  /** Sends what may be sent. */
  #pump(): void {
    if (this.#leaders.isOld) this.#recovery ??= this.#recover(0)
    while (!this.#failure) {
      const requests = this.#nextRequests()
      if (requests.size === 0) return
      for (const [leader, sent] of requests) void this.#send(leader, sent)
    }
  }

  /** For each leader one request, of a batch for each of its partitions. */
  #nextRequests(): Map<number, Sent[]> {
    const requests = new Map<number, Sent[]>()
    const unlisted: number[] = []
    const isPressed = this.#isFlushing || this.#unacknowledged >= unacknowledgedBytesMax
    for (const queue of this.#busy) {
      if (queue.isPaused) continue
      const leader = this.#leaders.leaderOf(queue.number)
      if (leader < 0) {
        this.#wait(queue, new BrokerError('Produce', errorCode.leaderNotAvailable))
        continue
      }
      if (this.#transaction?.mustEnlist(this.#options.topic, queue.number)) {
        unlisted.push(queue.number)
        continue
      }
      const underWay = this.#requests.get(leader) ?? 0
      const takesOpen = isPressed || (underWay === 0 && !this.#gathering.holds(leader, queue.openBytes))
      const batch = underWay < requestsMax ? queue.next(takesOpen) : undefined
      if (!batch) continue
      this.#moveOn(queue)
      const sent = requests.get(leader)
      if (sent) sent.push([queue, batch])
      else requests.set(leader, [[queue, batch]])
    }
    if (unlisted.length > 0) this.#enlisting ??= this.#enlist(this.#transaction!, unlisted)
    return requests
  }

  async #enlist(transaction: OpenTransaction, partitions: readonly number[]): Promise<void> {
    try {
      await transaction.enlist(this.#options.topic, partitions)
    } catch (thrown) {
      this.#fail(this.#translate(thrown))
    }
    this.#enlisting = undefined
    this.#pump()
  }

  async #send(leader: number, sent: readonly Sent[]): Promise<void> {
    this.#requests.set(leader, (this.#requests.get(leader) ?? 0) + 1)
    this.#gathering.requested(leader)
    const { client, topic } = this.#options
    try {
      const partitions = sent.map(([{ number }, { encoder }]) => ({ partition: number, records: encoder.bytes }))
      const { transactionalId, produceVersionMax } = this.#transaction ?? {}
      const answers = await client.produce(
        leader,
        {
          topic,
          topicId: this.#leaders.topicId,
          ...(transactionalId === undefined ? {} : { transactionalId }),
          timeoutMs: acknowledgeMs,
          partitions,
        },
        produceVersionMax,
      )
      for (const [queue, batch] of sent)
        this.#settle(
          queue,
          batch,
          answers.find(({ partition }) => partition === queue.number),
        )
    } catch (thrown) {
      for (const [queue, batch] of sent) {
        if (batch.state !== 'sent') continue
        queue.rewind(batch)
        this.#wait(queue, thrown)
      }
    }
    this.#requests.set(leader, this.#requests.get(leader)! - 1)
    this.#pump()
    this.#wake()
  }

  #settle(queue: PartitionQueue, batch: OutgoingBatch, answer: ProducedPartition | undefined): void {
    const fate = fateOf(answer, batch, this.#transaction !== undefined)
    if (fate === 'acknowledged') {
      this.#unacknowledged -= batch.bytes
      queue.acknowledge(batch)
      if (queue.isEmpty) this.#busy.delete(queue)
    } else if (fate === 'again') queue.rewind(batch)
    else if (fate === 'split' && batch.encoder.count > 1) {
      this.#batchBytesMax = Math.max(smallestBatchBytes, Math.min(this.#batchBytesMax, batch.bytes / 2))
      this.#unacknowledged -= batch.bytes
      for (const { bytes } of queue.split(batch)) this.#unacknowledged += bytes
    } else if (fate === 'wait' || fate === 'forgotten') {
      queue.rewind(batch)
      queue.isForgotten ||= fate === 'forgotten'
      this.#wait(queue, new BrokerError('Produce', answer?.error ?? errorCode.unknownServerError, answer?.message))
    } else
      this.#fail(
        errorOfBatch(
          { ...this.#options, partition: queue.number, transactionalId: this.#transaction?.transactionalId },
          batch,
          answer!,
        ),
      )
  }

  /** Leaves a partition alone for a moment. */
  #wait(queue: PartitionQueue, trouble: unknown): void {
    queue.isPaused = true
    if (this.#options.signal.aborted) return this.#fail(this.#translate(trouble))
    try {
      if (!queue.isForgotten) queue.patience.failed(trouble)
    } catch (thrown) {
      return this.#fail(thrown as Error)
    }
    this.#recovery ??= passesSoon(trouble) ? this.#goOn(briefPauseMs) : this.#recover(retryPauseMs)
  }

  /** After a moment, and without asking the cluster. */
  async #goOn(pauseMs: number): Promise<void> {
    const { signal } = this.#options
    await pause(pauseMs, signal)
    if (signal.aborted) return this.close()
    this.#recovery = undefined
    for (const queue of this.#busy) queue.isPaused = queue.isForgotten
    this.#pump()
  }

  async #recover(pauseMs: number): Promise<void> {
    const { client, topic, signal } = this.#options
    await pause(pauseMs, signal)
    if (signal.aborted) return this.close()
    try {
      await this.#leaders.refresh()
    } catch (thrown) {
      // What is known stays, where the cluster cannot be asked at the moment.
      if (!mayPass(thrown)) return this.#fail(this.#translate(thrown))
    }
    this.#addQueues()
    for (const queue of this.#busy) {
      if (!queue.isForgotten || queue.isUnderWay) continue
      try {
        // With it a partition's numbers begin anew: only for a leader that knows nothing of the one before.
        queue.renew(await initIdentity(client, topic, signal))
      } catch (thrown) {
        return this.#fail(this.#translate(thrown))
      }
    }
    this.#recovery = undefined
    for (const queue of this.#busy) queue.isPaused = queue.isForgotten
    if ([...this.#busy].some(({ isForgotten }) => isForgotten)) this.#recovery = this.#recover(retryPauseMs)
    this.#pump()
  }

  #translate(thrown: unknown): Error {
    return kafkaError(thrown, this.#options.client.peer, `topic '${this.#options.topic}'`)
  }

  #addQueues(): void {
    const { client, topic, compression, identity } = this.#options
    while (this.#queues.length < this.#leaders.count) {
      const patience = kafkaPatience(client.peer, `topic '${topic}'`)
      const number = this.#queues.length
      const known = this.#transaction?.identity ?? identity
      this.#queues.push(new PartitionQueue({ number, memory: this.#memory, compression, patience, identity: known }))
    }
  }
}
