import { LightflusError, toLightflusError, type Graph } from '@lightflus/api'
import { planJob, type PhysicalPlan } from '@lightflus/engine'
import { readLog } from '@lightflus/storage'
import type { AttemptSlot } from '../attempt/spawn-slot.ts'
import { CheckpointFiles, readCheckpoint } from '../checkpoint/checkpoint-files.ts'
import { wantedBy, type RestoredSegments } from '../checkpoint/restored-segments.ts'
import type { SegmentDisk } from '../checkpoint/segment-disk.ts'
import { shareOfSlot } from '../checkpoint/snapshot-codec.ts'
import type { ResolvedOptions } from '../deployment-options.ts'
import { workerOfSlot, type Placement } from '../placement.ts'
import type { MessageFromSlot, MessageToSlot } from '../slot/messages.ts'
import {
  decodeMessage,
  encodeMessage,
  topicNames,
  type FromWorker,
  type MessageFromRemote,
  type ToWorker,
} from './control-messages.ts'
import { ExchangeLink, type CreateBridge } from './exchange-link.ts'
import { SessionLink, type WorkerProcess } from './session-link.ts'
import { SnapshotStores } from './snapshot-stores.ts'
import type { WorkerTopic, WorkerTopics } from './worker-topics.ts'

/** What a session has its slots by. */
export interface SlotHost {
  /** Starts a slot, which builds the graph. */
  spawn(
    index: number,
    handlers: {
      readonly onMessage: (message: MessageFromSlot) => void
      /** Once, when it ended or must end otherwise than by `terminate`. */
      readonly onFailure: (error: LightflusError) => void
    },
  ): Pick<AttemptSlot, 'post' | 'terminate'>
  /** Joins the slots that were spawned, for an attempt. */
  wire(graph: Graph, plan: PhysicalPlan, workerOf: (slot: number) => number): SlotWays
  /** Reads segments of state where the slots have left them. Default: from the file system. */
  readonly readFile?: SegmentDisk['read']
}

/** The ways of one attempt's slots, to each other and to those of other workers. */
export interface SlotWays {
  readonly createBridge: CreateBridge
  /** Has a slot begin, once there is a bridge. */
  start(
    index: number,
    begin: Pick<Extract<MessageToSlot, { type: 'start' }>, 'attempt' | 'restore' | 'checkpoints'>,
  ): void
}

export interface PeerSessionOptions {
  readonly options: ResolvedOptions
  readonly placement: Placement
  readonly id: Buffer
  readonly own: WorkerProcess
  /** The coordinator's. */
  readonly process: number
  readonly control: WorkerTopic
  readonly topics: WorkerTopics
  /** State that attempts of this deployment have brought back to the disk. */
  readonly restoredSegments: RestoredSegments
  readonly onAttempt: (attempt: number) => void
  /** The coordinator has taken another process for this worker. */
  readonly onReplaced: () => void
  /** Every slot has ended, as the coordinator wanted. */
  readonly onEnded: () => void
}

type Start = Extract<ToWorker, { type: 'start' }>

const nothing = new Uint8Array(0)

/** A worker's share of an attempt: the slots that it hosts, as the coordinator's own, and their ways to all others. */
export class PeerSession {
  readonly id: string
  /** The coordinator's. */
  readonly process: number
  readonly #options: PeerSessionOptions
  readonly #abort = new AbortController()
  readonly #link: SessionLink
  readonly #host: SlotHost
  readonly #slots = new Map<number, Pick<AttemptSlot, 'post' | 'terminate'>>()
  readonly #terminated = new Set<number>()
  #graph: { readonly graph: Graph; readonly graphHash: string } | undefined
  #exchange: WorkerTopic | undefined
  #exchangeFrom = 0
  #exchangeLink: ExchangeLink | undefined
  #stores: SnapshotStores | undefined
  /** Messages are taken one after another: a start takes its time. */
  #taken: Promise<void> = Promise.resolve()
  #isEnding = false
  #hasJoined = false

  constructor(options: PeerSessionOptions, host: SlotHost) {
    this.#options = options
    this.#host = host
    this.id = options.id.toString('hex')
    this.process = options.process
    this.#link = new SessionLink({
      session: options.id,
      own: options.own,
      log: options.control,
      memberOf: (worker) => (worker === 0 ? options.process : undefined),
      onMessage: (_, message) => this.#receive(decodeMessage<ToWorker>(message)),
    })
  }

  /** It knows from where to read what other workers send. */
  get hasJoined(): boolean {
    return this.#hasJoined
  }

  /** Finds where to read on, and lets the slots build. @throws LF_CONNECTION_*, LF_KAFKA_* */
  async open(onJoined: () => void): Promise<void> {
    const { options, placement, own, topics } = this.#options
    const { exchange } = topicNames(placement.topicPrefix, placement.workers)
    const { signal } = this.#abort
    const log = await topics.open(exchange, { signal, onFailure: (error) => this.#fail(error) })
    if (!log) throw this.#lost(`topic ${exchange} is gone`)
    this.#exchange = log
    this.#exchangeFrom = await log.end(own.worker)
    if (this.#isEnding) return
    this.#hasJoined = true
    onJoined()
    for (let index = 0; index < options.parallelism; index += 1) {
      if (this.#workerOf(index) !== own.worker) continue
      const slot = this.#host.spawn(index, {
        onMessage: (message) => this.#fromSlot(index, message),
        onFailure: (error) => this.#send({ type: 'slotFailed', slot: index, error: error.toJSON() }),
      })
      this.#slots.set(index, slot)
    }
  }

  /** A record of the control topic. @throws LF_EXCHANGE_PROTOCOL */
  receive(record: Buffer): void {
    this.#link.receive(record)
  }

  /** Ends all of it, wherever it is. */
  async end(): Promise<void> {
    this.#isEnding = true
    this.#abort.abort()
    for (const slot of this.#slots.values()) slot.post({ type: 'cancel' })
    await Promise.all([...this.#slots.keys()].map((slot) => this.#terminate(slot)))
    this.#close()
  }

  #workerOf(slot: number): number {
    return workerOfSlot(slot, this.#options.options.parallelism, this.#options.placement.workers)
  }

  #receive(message: ToWorker): void {
    // What ends a slot does not wait behind what starts it.
    if (message.type === 'terminate') return void this.#terminateFor(message.slot)
    if (message.type === 'toSlot' && message.message.type === 'cancel') {
      this.#isEnding = true
      return this.#slots.get(message.slot)?.post(message.message)
    }
    this.#taken = this.#taken
      .then(async () => {
        if (message.type === 'start') return this.#start(message)
        if (this.#isEnding) return
        this.#slots.get(message.slot)?.post(message.message)
      })
      .catch((thrown: unknown) => this.#fail(thrown))
  }

  async #start({ attempt, checkpoints, checkpoint, members }: Start): Promise<void> {
    const { options, own, id } = this.#options
    if (members.get(own.worker) !== own.process) {
      // Both have joined and hear the same messages: two of one worker would store and write each for itself.
      this.#isEnding = true
      return this.#options.onReplaced()
    }
    const { graph, graphHash } = this.#graph!
    const { parallelism, storage } = options
    this.#options.onAttempt(attempt)
    await this.#assertSees(attempt)
    const disk = this.#options.restoredSegments
    const wanted = {
      ...wantedBy([...this.#slots.keys()], parallelism),
      disk,
      assertsOthers: false,
      signal: this.#abort.signal,
    }
    const read = checkpoint && (await readCheckpoint(storage, checkpoint, wanted))
    await disk.keep(read?.segments ?? [])
    if (this.#isEnding) return
    const plan = planJob(graph, parallelism)
    const restored = read?.segments ?? []
    const { readFile } = this.#host
    const files = { storage, attempt, plan, graphHash, restored, ...(readFile && { readFile }) }
    this.#stores = new SnapshotStores(new CheckpointFiles(files))
    const ways = this.#host.wire(graph, plan, (slot) => this.#workerOf(slot))
    this.#exchangeLink = new ExchangeLink({
      log: this.#exchange!,
      from: this.#exchangeFrom,
      session: id,
      own,
      members,
      createBridge: ways.createBridge,
      onFailure: (error) => this.#fail(error),
    })
    for (const index of this.#slots.keys()) {
      const restore = read && shareOfSlot(read.snapshots, { index, parallelism }, read.paths)
      ways.start(index, { attempt, restore, checkpoints })
    }
  }

  /** What this worker stores, the next attempt of any worker must find. */
  async #assertSees(attempt: number): Promise<void> {
    const { options, own } = this.#options
    const { attempt: seen } = await readLog(options.storage)
    if (seen >= attempt) return
    const { jobName, storage } = options
    throw new LightflusError(
      'LF_DEPLOYMENT_OPTION',
      `Job ${jobName}: worker ${own.worker} does not find attempt ${attempt} in ${storage.location}: all workers must share one place of checkpoints.`,
      { details: { job: jobName, worker: own.worker, location: storage.location } },
    )
  }

  #fromSlot(slot: number, message: MessageFromSlot): void {
    if (message.type === 'built') {
      const { graph, graphHash } = message
      this.#graph = { graph, graphHash }
      return this.#send({ type: 'fromSlot', slot, message: { type: 'built', graphHash } })
    }
    if (message.type !== 'snapshot')
      return this.#send({ type: 'fromSlot', slot, message: message as MessageFromRemote })
    const { file, segments, ...rest } = message
    const { chain, checkpoint } = rest
    this.#stores!.put({ chain, index: slot }, checkpoint, { file, segments }, (stored) => {
      if (segments.length > 0) this.#slots.get(slot)?.post({ type: 'snapshotStored', chains: [chain], checkpoint })
      const told: MessageFromRemote =
        'error' in stored
          ? { type: 'snapshotFailed', chain, checkpoint, error: stored.error }
          : { ...rest, type: 'stored', snapshot: stored.snapshot }
      this.#send({ type: 'fromSlot', slot, message: told })
    })
  }

  async #terminateFor(slot: number): Promise<void> {
    const hasEnded = await this.#terminate(slot)
    this.#send({ type: 'terminated', slot, hasEnded })
    if (this.#terminated.size < this.#slots.size) return
    this.#close()
    this.#options.onEnded()
  }

  async #terminate(slot: number): Promise<boolean> {
    this.#isEnding = true
    const hasEnded = (await this.#slots.get(slot)?.terminate()) ?? true
    this.#terminated.add(slot)
    return hasEnded
  }

  #close(): void {
    this.#abort.abort()
    this.#stores?.close()
    this.#exchangeLink?.close()
    this.#exchange?.close()
  }

  #send(message: FromWorker): void {
    this.#link.send(0, nothing, encodeMessage(message))
  }

  #fail(thrown: unknown): void {
    // Before it has joined it may try again, and whoever speaks has joined.
    if (this.#isEnding || !this.#hasJoined) return
    const error = toLightflusError(thrown, 'LF_SLOT_CRASHED', `Worker ${this.#options.own.worker}: ${String(thrown)}`)
    this.#send({ type: 'failed', error: error.toJSON() })
  }

  #lost(why: string): LightflusError {
    const { jobName } = this.#options.options
    return new LightflusError('LF_PEER_LOST', `Workers of job ${jobName} cannot reach each other: ${why}.`, {
      details: { job: jobName },
    })
  }
}
