import type { Peer } from '../connection-errors.ts'
import type { TopicMetadata } from '../kafka/protocol/metadata.ts'
import type { ProducedPartition, ProduceRequest } from '../kafka/protocol/produce.ts'
import { errorCode } from '../kafka/protocol/request.ts'
import { batchesIn, recordsIn } from '../kafka/records/record-batch.ts'

/** What happens to one request; once they are used up, all goes well. */
export type Fault =
  | 'none'
  /** The connection breaks before the request arrives. */
  | 'cut'
  /** The request is done, but the connection breaks before it is answered. */
  | 'answer lost'
  /** As the last, and what was sent behind it is done late, when others may have come by a new connection. */
  | 'done late'
  | 'leader moves'
  | 'no leader'
  | 'too few replicas'
  | 'too few replicas after all'
  | 'timed out'

interface ProducerState {
  epoch: number
  /** The newest five. */
  batches: { readonly first: number; readonly last: number; readonly offset: number }[]
}

interface Pending {
  readonly request: ProduceRequest
  readonly bytes: readonly Buffer[]
  readonly resolve: (answer: readonly ProducedPartition[]) => void
  readonly reject: (error: Error) => void
}

const lost = () => Object.assign(new Error('connection closed'), { code: 'ECONNRESET' })
const tick = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))

/**
 * Two brokers with a topic, as far as a producer can tell: they check sequence numbers by the rules of Kafka's
 * ProducerStateManager, take requests of a connection one after another, and fail as they are told.
 */
export class SimulatedCluster {
  readonly peer: Peer = { connection: 'shop', system: 'Kafka', address: 'simulated:9092' }
  readonly logs: string[][]
  readonly #leaders: number[]
  readonly #states: Map<string, ProducerState>[]
  readonly #faults: Fault[]
  readonly #batchBytesMax: number
  readonly #connections = new Map<number, { queue: Pending[]; isBroken: boolean }>()
  #producers = 0
  requests = 0
  inFlightMax = 0
  largestBatch = 0

  constructor(partitions: number, faults: readonly Fault[], batchBytesMax = Infinity) {
    this.logs = Array.from({ length: partitions }, () => [])
    this.#leaders = this.logs.map((_, number) => number % 2)
    this.#states = this.logs.map(() => new Map())
    this.#faults = [...faults]
    this.#batchBytesMax = batchBytesMax
  }

  async initProducerId(): Promise<{ producerId: number; epoch: number }> {
    await tick(1)
    return { producerId: ++this.#producers, epoch: 0 }
  }

  async topic(name: string): Promise<TopicMetadata> {
    await tick(1)
    const partitions = this.#leaders.map((leader, number) => ({ error: 0, number, leader }))
    for (const [number, leader] of this.#leaders.entries()) if (leader === -1) this.#leaders[number] = number % 2
    return { error: 0, name, id: '1'.repeat(32), partitions }
  }

  /** The leaders know nothing of any producer from now on. */
  forget(): void {
    for (const states of this.#states) states.clear()
  }

  produce(node: number, request: ProduceRequest): Promise<readonly ProducedPartition[]> {
    this.requests++
    let connection = this.#connections.get(node)
    if (!connection || connection.isBroken) {
      connection = { queue: [], isBroken: false }
      this.#connections.set(node, connection)
    }
    const { queue } = connection
    return new Promise((resolve, reject) => {
      const bytes = request.partitions.map(({ records }) => Buffer.from(records))
      queue.push({ request, bytes, resolve, reject })
      this.inFlightMax = Math.max(this.inFlightMax, queue.length)
      if (queue.length === 1) void this.#work(node, connection)
    })
  }

  async #work(node: number, connection: { queue: Pending[]; isBroken: boolean }): Promise<void> {
    const { queue } = connection
    while (queue.length > 0 && !connection.isBroken) {
      await tick(2)
      const fault = this.#faults.shift() ?? 'none'
      const [pending] = queue
      const { request, bytes, resolve } = pending!
      if (request.partitions.some(({ records }, at) => Buffer.compare(records, bytes[at]!) !== 0))
        throw new Error('bytes changed while they were under way')
      if (fault === 'cut' || fault === 'answer lost' || fault === 'done late') {
        connection.isBroken = true
        if (fault !== 'cut') this.#answer(node, pending!, 'none')
        for (const { reject } of queue) reject(lost())
        if (fault !== 'done late') return
        for (const late of queue.slice(1)) {
          await tick(150)
          this.#answer(node, late, 'none')
        }
        return
      }
      const answer = this.#answer(node, pending!, fault)
      queue.shift()
      resolve(answer)
    }
  }

  #answer(node: number, { request, bytes }: Pending, fault: Fault): ProducedPartition[] {
    return request.partitions.map(({ partition }, at) => {
      const { error, offset } = this.#append(node, partition, bytes[at]!, fault)
      return { partition, error, message: null, baseOffset: offset, newLeader: -1 }
    })
  }

  #append(node: number, partition: number, bytes: Buffer, fault: Fault): { error: number; offset: number } {
    const refused = (error: number) => ({ error, offset: -1 })
    if (fault === 'leader moves') this.#leaders[partition] = 1 - node
    if (fault === 'no leader') this.#leaders[partition] = -1
    if (this.#leaders[partition] !== node) return refused(errorCode.notLeaderOrFollower)
    if (fault === 'too few replicas') return refused(errorCode.notEnoughReplicas)
    if (bytes.length > this.#batchBytesMax) return refused(errorCode.messageTooLarge)
    this.largestBatch = Math.max(this.largestBatch, bytes.length)
    const { error, offset } = this.#appendInSequence(partition, bytes)
    if (error === errorCode.none && fault === 'too few replicas after all')
      return refused(errorCode.notEnoughReplicasAfterAppend)
    if (error === errorCode.none && fault === 'timed out') return refused(errorCode.requestTimedOut)
    return { error, offset }
  }

  #appendInSequence(partition: number, bytes: Buffer): { error: number; offset: number } {
    const log = this.logs[partition]!
    const [batch] = [...batchesIn(bytes)]
    const values = [...recordsIn(batch!, 'the simulation')].map(({ value }) => Buffer.from(value!).toString())
    const [epoch, first] = [bytes.readInt16BE(51), bytes.readInt32BE(53)]
    const last = (first + values.length - 1) & 0x7fff_ffff
    const append = () => {
      log.push(...values)
      return { error: errorCode.none, offset: log.length - values.length }
    }
    if (batch!.producerId === '-1') return append()
    const state = this.#states[partition]!.get(batch!.producerId)
    if (!state) {
      // A leader that knows nothing of a producer takes any number.
      const appended = append()
      this.#states[partition]!.set(batch!.producerId, { epoch, batches: [{ first, last, offset: appended.offset }] })
      return appended
    }
    const known = state.batches.find((one) => one.first === first && one.last === last)
    if (known) return { error: errorCode.none, offset: known.offset }
    if (((state.batches.at(-1)!.last + 1) & 0x7fff_ffff) !== first)
      return { error: errorCode.outOfOrderSequenceNumber, offset: -1 }
    const appended = append()
    state.batches = [...state.batches, { first, last, offset: appended.offset }].slice(-5)
    return appended
  }
}
