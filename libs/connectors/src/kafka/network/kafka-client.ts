import type { Peer } from '../../connection-errors.ts'
import { fetch, type FetchedPartition, type FetchRequest } from '../protocol/fetch.ts'
import { metadata, type ClusterMetadata, type TopicMetadata } from '../protocol/metadata.ts'
import { findCoordinator, listOffsets, offsetCommit, offsetFetch, type PartitionOffset } from '../protocol/offsets.ts'
import { produce, type ProducedPartition, type ProduceRequest } from '../protocol/produce.ts'
import { BrokerError, errorCode } from '../protocol/request.ts'
import { WireError } from '../protocol/wire.ts'
import { BrokerPool } from './broker-pool.ts'
import type { BrokerSocket } from './broker-socket.ts'
import type { ClusterOptions } from './cluster-options.ts'

/** Offsets by the number of their partition. */
export type OffsetsByPartition = ReadonlyMap<number, number>

/**
 * What the source and the sink want of a cluster: the connector's seam to Kafka. Nothing here retries; an error code
 * of the broker is thrown as BrokerError, unless it stands beside partitions that succeeded.
 */
export class KafkaClient {
  /** The cluster for messages: where asking begins. */
  readonly peer: Peer
  readonly #pool: BrokerPool

  constructor(options: ClusterOptions) {
    const [seed] = options.seeds
    this.peer = { connection: options.connection, system: 'Kafka', address: `${seed?.host}:${seed?.port}` }
    this.#pool = new BrokerPool(options)
  }

  /** Connects to one broker and signs in. @throws LF_CONNECTION_*, LF_KAFKA_VERSION */
  async connect(): Promise<void> {
    await this.#pool.any()
  }

  async cluster(): Promise<ClusterMetadata> {
    return this.#metadata('all')
  }

  /** Fresh from a broker. `error` is that of the topic; a topic that is not there has no partitions. */
  async topic(name: string): Promise<TopicMetadata> {
    const { topics } = await this.#metadata([name])
    return (
      topics.find((topic) => topic.name === name) ?? {
        error: errorCode.unknownTopicOrPartition,
        name,
        id: '',
        partitions: [],
      }
    )
  }

  async #metadata(topics: readonly string[] | 'all'): Promise<ClusterMetadata> {
    const socket = await this.#pool.any()
    const answer = await socket.send(metadata, topics)
    this.#pool.learn(answer.brokers)
    return answer
  }

  async fetch(leader: number, request: FetchRequest): Promise<readonly FetchedPartition[]> {
    const socket = await this.#pool.broker(leader, 'fetch')
    const { error, partitions } = await socket.send(fetch, request, request.waitMs)
    if (error !== errorCode.none) throw new BrokerError('Fetch', error)
    return partitions
  }

  async produce(leader: number, request: ProduceRequest): Promise<readonly ProducedPartition[]> {
    const socket = await this.#pool.broker(leader, 'other')
    return socket.send(produce, request, request.timeoutMs)
  }

  /**
   * The first offset whose record is not older than a time, or where the partition begins or ends
   * ({@link earliest}, {@link latest}); -1 where no record is that young.
   */
  async offsets(
    { name, partitions }: TopicMetadata,
    wanted: readonly number[],
    timestamp: number,
  ): Promise<OffsetsByPartition> {
    const byLeader = Map.groupBy(
      partitions.filter(({ number }) => wanted.includes(number)),
      ({ leader }) => leader,
    )
    const answers = await Promise.all(
      [...byLeader].map(async ([leader, led]) => {
        if (leader < 0) throw new BrokerError('ListOffsets', errorCode.leaderNotAvailable)
        const socket = await this.#pool.broker(leader, 'other')
        return socket.send(listOffsets, { topic: name, partitions: led.map(({ number }) => number), timestamp })
      }),
    )
    const offsets = byPartition('ListOffsets', answers.flat())
    const missing = partitions.find(({ number }) => wanted.includes(number) && !offsets.has(number))
    if (missing) throw new WireError(`ListOffsets tells nothing of partition ${missing.number}`)
    return offsets
  }

  /** What a group has committed; partitions without a commit are left out. */
  async committed(group: string, topic: string, partitions: readonly number[]): Promise<OffsetsByPartition> {
    const socket = await this.#coordinator(group)
    const answer = await socket.send(offsetFetch, { group, topic, partitions })
    if (answer.error !== errorCode.none) throw new BrokerError('OffsetFetch', answer.error)
    return new Map([...byPartition('OffsetFetch', answer.partitions)].filter(([, offset]) => offset >= 0))
  }

  async commit(group: string, topic: string, offsets: OffsetsByPartition): Promise<void> {
    const socket = await this.#coordinator(group)
    const entries = [...offsets].map(([partition, offset]) => ({ partition, offset }))
    const failed = (await socket.send(offsetCommit, { group, topic, offsets: entries })).find(
      ({ error }) => error !== errorCode.none,
    )
    if (failed) throw new BrokerError('OffsetCommit', failed.error)
  }

  async #coordinator(group: string): Promise<BrokerSocket> {
    const any = await this.#pool.any()
    const { error, message, nodeId } = await any.send(findCoordinator, group)
    if (error !== errorCode.none) throw new BrokerError('FindCoordinator', error, message)
    return this.#pool.broker(nodeId, 'other')
  }

  /** Ends all connections; what is under way on them fails at once. */
  close(): void {
    this.#pool.close()
  }
}

function byPartition(what: string, partitions: readonly PartitionOffset[]): OffsetsByPartition {
  const failed = partitions.find(({ error }) => error !== errorCode.none)
  if (failed) throw new BrokerError(what, failed.error)
  return new Map(partitions.map(({ partition, offset }) => [partition, offset]))
}
