import type { Peer } from '../../connection-errors.ts'
import { fetch, type FetchedPartition, type FetchRequest } from '../protocol/fetch.ts'
import type { InitProducerIdRequest, InitProducerIdResponse } from '../protocol/generated/init-producer-id.ts'
import { metadata, type ClusterMetadata, type TopicMetadata } from '../protocol/metadata.ts'
import {
  findCoordinator,
  listOffsets,
  offsetCommit,
  offsetFetch,
  type CoordinatorOf,
  type PartitionOffset,
} from '../protocol/offsets.ts'
import { produce, produceByNameMax, type ProducedPartition, type ProduceRequest } from '../protocol/produce.ts'
import { BrokerError, errorCode, type KafkaCall } from '../protocol/request.ts'
import { initProducerId } from '../protocol/transactions.ts'
import { WireError } from '../protocol/wire.ts'
import type { AnswerBuffers, LentBuffer } from './answer-buffers.ts'
import type { SendOptions } from './broker.ts'
import { BrokerPool } from './broker-pool.ts'
import type { ClusterOptions } from './cluster-options.ts'

/** Offsets by the number of their partition. */
export type OffsetsByPartition = ReadonlyMap<number, number>

/** Whose coordinator is asked. */
export interface Coordinated {
  readonly of: CoordinatorOf
  /** The group's name, or the transactional id. */
  readonly key: string
}

/**
 * What the source and the sink want of a cluster: the connector's seam to Kafka. Nothing here retries; an error code
 * of the broker is thrown as BrokerError, unless it stands beside partitions that succeeded.
 */
export class KafkaClient {
  /** The cluster for messages: where asking begins. */
  readonly peer: Peer
  readonly #pool: BrokerPool
  /** Node id of each coordinator that was asked, by what and of whom. */
  readonly #coordinators = new Map<string, number>()

  constructor(options: ClusterOptions) {
    const [seed] = options.seeds
    this.peer = { connection: options.connection, system: 'Kafka', address: `${seed?.host}:${seed?.port}` }
    this.#pool = new BrokerPool(options)
  }

  /** Connects to one broker and signs in. @throws LF_CONNECTION_*, LF_KAFKA_VERSION */
  async connect(): Promise<void> {
    await this.#pool.any()
  }

  /** The level of a feature that the cluster has agreed on, such as `transaction.version`; 0 where it has none. */
  async feature(name: string): Promise<number> {
    return (await this.#pool.any()).feature(name)
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
    const broker = await this.#pool.any()
    const answer = await broker.send(metadata, topics)
    if (answer.error === errorCode.rebootstrapRequired) this.#pool.forget()
    if (answer.error !== errorCode.none) throw new BrokerError('Metadata', answer.error)
    this.#pool.learn(answer.brokers)
    return answer
  }

  /** The records lie in the buffer that is lent from `buffers`: the caller gives it back. */
  async fetch(
    leader: number,
    request: FetchRequest,
    buffers: AnswerBuffers,
  ): Promise<{ readonly partitions: readonly FetchedPartition[]; readonly lent: LentBuffer }> {
    const broker = await this.#pool.broker(leader, 'fetch')
    let lent: LentBuffer | undefined
    const placeFor = (length: number) => (lent = buffers.lend(length)).bytes
    try {
      const { error, partitions, brokers } = await broker.send(fetch, request, { waitMs: request.waitMs, placeFor })
      if (error !== errorCode.none) throw new BrokerError('Fetch', error)
      this.#pool.learnMore(brokers)
      return { partitions, lent: lent! }
    } catch (thrown) {
      lent?.release()
      throw thrown
    }
  }

  /**
   * @param versionMax newest version of the request to use: {@link produceWithAddedPartitionsMax} where a transaction
   *   has been told of its partitions beforehand
   */
  async produce(leader: number, request: ProduceRequest, versionMax = Infinity): Promise<readonly ProducedPartition[]> {
    const broker = await this.#pool.broker(leader, 'produce')
    const { partitions, brokers } = await broker.send(produce, request, {
      waitMs: request.timeoutMs,
      versionMax: request.topicId === undefined ? Math.min(versionMax, produceByNameMax) : versionMax,
    })
    this.#pool.learnMore(brokers)
    return partitions
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
        const broker = await this.#pool.broker(leader, 'other')
        return broker.send(listOffsets, { topic: name, partitions: led.map(({ number }) => number), timestamp })
      }),
    )
    const offsets = byPartition('ListOffsets', answers.flat())
    const missing = partitions.find(({ number }) => wanted.includes(number) && !offsets.has(number))
    if (missing) throw new WireError(`ListOffsets tells nothing of partition ${missing.number}`)
    return offsets
  }

  /** What a group has committed; partitions without a commit are left out. */
  async committed(group: string, topic: string, partitions: readonly number[]): Promise<OffsetsByPartition> {
    const whose = { of: 'group', key: group } as const
    const request = { group, topic, partitions }
    const answer = await this.askCoordinator(whose, offsetFetch, request, ({ error, partitions }) =>
      firstError(error, partitions),
    )
    return new Map(
      byPartition(
        'OffsetFetch',
        answer.partitions.filter(({ offset }) => offset >= 0),
      ),
    )
  }

  async commit(group: string, topic: string, offsets: OffsetsByPartition): Promise<void> {
    const entries = [...offsets].map(([partition, offset]) => ({ partition, offset }))
    const request = { group, topic, offsets: entries }
    const whose = { of: 'group', key: group } as const
    await this.askCoordinator(whose, offsetCommit, request, (partitions) => firstError(errorCode.none, partitions))
  }

  /**
   * A new identity of a producer: of one without transactions, or of the only one from now on that bears the
   * transactional id, whose open transaction is aborted. With `current` only where that is still the newest.
   */
  async initProducerId(transactions?: {
    readonly transactionalId: string
    readonly timeoutMs: number
    readonly current?: { readonly producerId: number; readonly epoch: number }
  }): Promise<{ readonly producerId: number; readonly epoch: number }> {
    const request = {
      transactionalId: transactions?.transactionalId ?? null,
      transactionTimeoutMs: transactions?.timeoutMs ?? 0,
      ...(transactions?.current && {
        producerId: transactions.current.producerId,
        producerEpoch: transactions.current.epoch,
      }),
    }
    const { producerId, producerEpoch } = transactions
      ? await this.askCoordinator(
          { of: 'transaction', key: transactions.transactionalId },
          initProducerId,
          request,
          errorOf,
        )
      : await this.#initProducerId(request)
    return { producerId, epoch: producerEpoch }
  }

  async #initProducerId(request: InitProducerIdRequest): Promise<InitProducerIdResponse> {
    const broker = await this.#pool.any()
    const answer = await broker.send(initProducerId, request)
    if (answer.errorCode !== errorCode.none) throw new BrokerError('InitProducerId', answer.errorCode)
    return answer
  }

  /**
   * Asks the coordinator of a group or of a transactional id, which is looked for anew after it failed.
   * @param errorOf the error code in an answer: what is not 0 is thrown
   */
  async askCoordinator<Request, Response>(
    whose: Coordinated,
    call: KafkaCall<Request, Response>,
    request: Request,
    errorOf: (response: Response) => number,
    options?: SendOptions,
  ): Promise<Response> {
    try {
      const broker = await this.#pool.broker(await this.#coordinator(whose), 'other')
      const answer = await broker.send(call, request, options)
      const error = errorOf(answer)
      if (error === errorCode.none) return answer
      throw new BrokerError(call.name, error)
    } catch (thrown) {
      if (!(thrown instanceof BrokerError) || lostCoordinator.has(thrown.errorCode))
        this.#coordinators.delete(nameOf(whose))
      throw thrown
    }
  }

  /** Asks any broker: of what the whole cluster decides, it asks the one that does. */
  async askAny<Request, Response>(
    call: KafkaCall<Request, Response>,
    request: Request,
    options?: SendOptions,
  ): Promise<Response> {
    return (await this.#pool.any()).send(call, request, options)
  }

  async askLeader<Request, Response>(
    leader: number,
    call: KafkaCall<Request, Response>,
    request: Request,
    options?: SendOptions,
  ): Promise<Response> {
    return (await this.#pool.broker(leader, 'other')).send(call, request, options)
  }

  /** The newest version in which the coordinator would be sent a request. @throws LF_KAFKA_VERSION */
  async coordinatorVersion(whose: Coordinated, call: KafkaCall<never, unknown>): Promise<number> {
    return (await this.#pool.broker(await this.#coordinator(whose), 'other')).versionOf(call)
  }

  async #coordinator(whose: Coordinated): Promise<number> {
    const known = this.#coordinators.get(nameOf(whose))
    if (known !== undefined) return known
    const any = await this.#pool.any()
    const found = await any.send(findCoordinator, whose)
    if (found.error !== errorCode.none) throw new BrokerError('FindCoordinator', found.error, found.message)
    this.#pool.learnMore([found])
    this.#coordinators.set(nameOf(whose), found.nodeId)
    return found.nodeId
  }

  /** Ends all connections; what is under way on them fails at once. */
  close(): void {
    this.#pool.close()
  }
}

/** Answers of one that is not the coordinator, or not any more. */
const lostCoordinator = new Set<number>([errorCode.notCoordinator, errorCode.coordinatorNotAvailable])

const errorOf = ({ errorCode }: { readonly errorCode: number }): number => errorCode

const nameOf = ({ of, key }: Coordinated): string => `${of} ${key}`

const firstError = (error: number, partitions: readonly { readonly error: number }[]): number =>
  error !== errorCode.none ? error : (partitions.find((one) => one.error !== errorCode.none)?.error ?? errorCode.none)

function byPartition(what: string, partitions: readonly PartitionOffset[]): OffsetsByPartition {
  const failed = partitions.find(({ error }) => error !== errorCode.none)
  if (failed) throw new BrokerError(what, failed.error)
  return new Map(partitions.map(({ partition, offset }) => [partition, offset]))
}
