import { LightflusError } from '@lightflus/api'
import { retryPauseMs, type Patience } from '../../patience.ts'
import { pause } from '../../pause.ts'
import {
  deletedAfterMs,
  deletedError,
  errorOfCode,
  kafkaError,
  kafkaPatience,
  recreatedError,
} from '../kafka-errors.ts'
import type { KafkaClient } from '../network/kafka-client.ts'
import type { AnswerBuffers, LentBuffer } from '../network/answer-buffers.ts'
import type { FetchedPartition } from '../protocol/fetch.ts'
import type { TopicMetadata } from '../protocol/metadata.ts'
import { earliest, latest } from '../protocol/offsets.ts'
import { BrokerError, errorCode, isTransient } from '../protocol/request.ts'
import type { PartitionReader } from './partition-reader.ts'

/** How often the topic is looked at: for new partitions, moved leaders, and whether it is still the same. */
export const discoveryMs = 5_000
/** Memory for what is fetched, or asked for, of all partitions of a reader above which nothing more is asked for. */
const readerBytesMax = 5 * 1024 * 1024
/** What is asked for at once: of all leaders together, and of one. */
const askedBytesMax = 4 * 1024 * 1024
const fetchBytesMax = 2 * 1024 * 1024
const fetchBytesMin = 128 * 1024
const partitionBytesMax = 1024 * 1024
/** How long a broker waits for records, milliseconds; less where other partitions of it may want more meanwhile. */
const fetchWaitMs = 500
const fetchWaitShortMs = 50

export interface TopicFetcherOptions {
  readonly client: KafkaClient
  readonly topic: string
  /** Identity of the topic that is read; another under the same name is an error. */
  readonly topicId: string
  readonly partitions: readonly PartitionReader[]
  readonly buffers: AnswerBuffers
  readonly signal: AbortSignal
  /** Records, an end or a failure have come. */
  readonly onChange: () => void
  /** The topic as it is now: for partitions that are new. */
  readonly onTopic: (topic: TopicMetadata) => Promise<void>
}

/**
 * Keeps partitions filled, in the background. One request is under way to each leader at most; partitions that hold
 * enough are left out of it, which is the back-pressure. What will not pass is kept in {@link failure}.
 */
export class TopicFetcher {
  readonly #options: TopicFetcherOptions
  /** One for each leader (-1: none), and one for metadata. */
  readonly #patience = new Map<number | 'metadata', Patience>()
  /** Leaders with a fetch under way, or which are given a rest after one failed. */
  readonly #busy = new Set<number>()
  /** Partitions that went to a leader by the word of the former one, and were not read there yet. */
  readonly #followed = new Set<PartitionReader>()
  #round = 0
  /** What requests that are under way may bring, bytes. */
  #askedBytes = 0
  #failure: LightflusError | undefined
  #isClosed = false
  #missingSince: number | undefined
  #discovery: NodeJS.Timeout | undefined
  #refreshing: Promise<void> | undefined

  constructor(options: TopicFetcherOptions) {
    this.#options = options
  }

  get failure(): LightflusError | undefined {
    return this.#failure
  }

  get #isStopped(): boolean {
    return this.#isClosed || this.#failure !== undefined || this.#options.signal.aborted
  }

  #patienceWith(whom: number | 'metadata'): Patience {
    const known = this.#patience.get(whom)
    if (known) return known
    const patience = kafkaPatience(this.#options.client.peer, `topic '${this.#options.topic}'`)
    this.#patience.set(whom, patience)
    return patience
  }

  start(): void {
    this.#scheduleDiscovery()
    this.fill()
  }

  /** Fetches what partitions want; to be called when one was taken from, and when others are held. */
  fill(): void {
    if (this.#isStopped) return
    const { partitions } = this.#options
    const leaders = new Set(partitions.map(({ leader }) => leader)).size
    const bytesMax = Math.max(fetchBytesMin, Math.min(fetchBytesMax, Math.floor(askedBytesMax / leaders)))
    if (!this.#hasRoomFor(bytesMax)) for (const partition of partitions) partition.dropWhileHeld()
    const wanting = partitions.filter((partition) => partition.wantsMore && partition.leader >= 0)
    for (const [leader, led] of Map.groupBy(wanting, (partition) => partition.leader))
      if (!this.#busy.has(leader) && this.#hasRoomFor(bytesMax)) void this.#fetch(leader, led, bytesMax)
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#options.buffers.lentBytes + this.#askedBytes + bytes <= readerBytesMax
  }

  async #fetch(leader: number, partitions: PartitionReader[], bytesMax: number): Promise<void> {
    this.#busy.add(leader)
    this.#askedBytes += bytesMax
    for (const partition of partitions) partition.isBeingFetched = true
    try {
      const { partitions: fetched, lent } = await this.#ask(leader, partitions, bytesMax)
      let isQuiet = true
      try {
        for (const answer of fetched) isQuiet = (await this.#add(answer, lent, leader)) && isQuiet
      } finally {
        lent.release()
      }
      if (isQuiet) this.#patienceWith(leader).worked()
      else await this.#rest()
    } catch (thrown) {
      await this.#troubled(thrown, leader)
    } finally {
      this.#askedBytes -= bytesMax
      for (const partition of partitions) partition.isBeingFetched = false
      this.#busy.delete(leader)
    }
    this.#options.onChange()
    this.fill()
  }

  #ask(leader: number, partitions: readonly PartitionReader[], bytesMax: number): ReturnType<KafkaClient['fetch']> {
    const all = this.#options.partitions.filter((partition) => partition.leader === leader && !partition.ended)
    const most = Math.min(partitionBytesMax, bytesMax)
    // The broker fills the answer in this order, so that each must come first once.
    const asked = rotated(partitions, this.#round++).map((partition) => ({
      partition: partition.number,
      offset: partition.fetchOffset,
      bytesMax: partition.fetchBytes(most),
    }))
    // As much as the first want that have room together: what the next had of it would end in the middle of a batch.
    let bytes = 0
    for (const { bytesMax: wanted } of asked) if (bytes + wanted <= bytesMax) bytes += wanted
    const request = {
      topicId: this.#options.topicId,
      waitMs: partitions.length < all.length ? fetchWaitShortMs : fetchWaitMs,
      bytesMax: bytes,
      partitions: asked,
    }
    return this.#options.client.fetch(leader, request, this.#options.buffers)
  }

  /** Whether the answer was one without trouble. */
  async #add(answer: FetchedPartition, lent: LentBuffer, leader: number): Promise<boolean> {
    const partition = this.#options.partitions.find(({ number }) => number === answer.partition)
    if (!partition) return true
    const { error } = answer
    if (error === errorCode.none) {
      this.#followed.delete(partition)
      partition.add(answer, lent)
      return true
    }
    if (this.#follow(partition, answer.newLeader ?? leader, leader)) return true
    const { client, topic } = this.#options
    if (error === errorCode.offsetOutOfRange) throw await this.#outOfRange(partition)
    if (!isTransient(error)) throw errorOfCode(error, client.peer, `topic '${topic}'`)
    this.#patienceWith(leader).failed(new BrokerError(`Fetch of ${partition.name}`, error))
    return false
  }

  /**
   * Goes to the leader that the former one names (KIP-951), without a pause: once, until it was read there. Two brokers
   * that name each other have to be asked about by all others.
   */
  #follow(partition: PartitionReader, newLeader: number, asked: number): boolean {
    if (newLeader === asked || partition.leader !== asked || this.#followed.has(partition)) return false
    this.#followed.add(partition)
    partition.leader = newLeader
    return true
  }

  /** Never a silent reset: what lies between is lost or was never there, and only a person can tell what to do. */
  async #outOfRange({ number, name, fetchOffset }: PartitionReader): Promise<LightflusError> {
    const { client, topic } = this.#options
    const metadata = await client.topic(topic)
    const first = (await client.offsets(metadata, [number], earliest)).get(number)
    const end = (await client.offsets(metadata, [number], latest)).get(number)
    return new LightflusError(
      'LF_KAFKA_OFFSET_OUT_OF_RANGE',
      `Partition ${name}: offset ${fetchOffset} is not there; the partition holds offsets ${first} to ${end! - 1}`,
      { details: { connection: client.peer.connection, partition: name, offset: fetchOffset } },
    )
  }

  async #troubled(thrown: unknown, leader: number): Promise<void> {
    if (this.#isStopped) return
    try {
      this.#patienceWith(leader).failed(thrown)
      await this.#rest()
    } catch (failure) {
      this.#fail(failure)
    }
  }

  /** A pause, and then a look at who leads now: most troubles are a leader that has moved. */
  async #rest(): Promise<void> {
    await pause(retryPauseMs, this.#options.signal)
    await this.refresh()
  }

  #scheduleDiscovery(): void {
    if (this.#isStopped) return
    this.#discovery = setTimeout(() => {
      void this.refresh().then(() => this.#scheduleDiscovery())
    }, discoveryMs)
  }

  /** Looks at the topic anew; a failure is kept, or passes. */
  refresh(): Promise<void> {
    return (this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined)))
  }

  async #refresh(): Promise<void> {
    const { client, topic } = this.#options
    try {
      const metadata = await client.topic(topic)
      if (this.#isStopped) return
      if (metadata.error === errorCode.unknownTopicOrPartition) return this.#missing()
      if (metadata.error !== errorCode.none) throw new BrokerError(`Metadata of '${topic}'`, metadata.error)
      this.#missingSince = undefined
      if (metadata.id !== this.#options.topicId) throw recreatedError(client.peer, topic)
      for (const { number, leader } of metadata.partitions)
        for (const partition of this.#options.partitions) if (partition.number === number) partition.leader = leader
      await this.#options.onTopic(metadata)
      this.#patienceWith('metadata').worked()
      this.#watchLeaderless()
      this.fill()
    } catch (thrown) {
      if (this.#isStopped) return
      try {
        this.#patienceWith('metadata').failed(thrown)
      } catch (failure) {
        this.#fail(failure)
      }
    }
  }

  /** A partition without a leader is not read: that must not stay unnoticed. */
  #watchLeaderless(): void {
    const orphan = this.#options.partitions.find(({ leader }) => leader < 0)
    if (!orphan) return this.#patienceWith(-1).worked()
    this.#patienceWith(-1).failed(new BrokerError(`Fetch of ${orphan.name}`, errorCode.leaderNotAvailable))
  }

  #missing(): void {
    this.#missingSince ??= performance.now()
    if (performance.now() - this.#missingSince < deletedAfterMs) {
      setTimeout(() => void this.refresh(), deletedAfterMs / 4).unref()
      return
    }
    const { client, topic } = this.#options
    this.#fail(deletedError(client.peer, topic))
  }

  #fail(thrown: unknown): void {
    const { client, topic } = this.#options
    this.#failure ??= kafkaError(thrown, client.peer, `topic '${topic}'`)
    this.#options.onChange()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#discovery)
  }
}

const rotated = <T>(list: readonly T[], by: number): T[] => {
  const start = by % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}
