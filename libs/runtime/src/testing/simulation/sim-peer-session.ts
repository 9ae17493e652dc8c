import { LightflusError, toLightflusError } from '@lightflus/api'
import { planJob, SourceAlignment, type Connector } from '@lightflus/engine'
import type { CheckpointStorage } from '@lightflus/storage'
import { CheckpointFiles, readCheckpoint } from '../../checkpoint/checkpoint-files.ts'
import { RestoredSegments, wantedBy } from '../../checkpoint/restored-segments.ts'
import { shareOfSlot } from '../../checkpoint/snapshot-codec.ts'
import { workerOfSlot } from '../../placement.ts'
import {
  decodeMessage,
  encodeMessage,
  topicNames,
  type FromWorker,
  type MessageFromRemote,
  type ToWorker,
} from '../../workers/control-messages.ts'
import { ExchangeLink } from '../../workers/exchange-link.ts'
import type { PeerSessionOptions } from '../../workers/peer-session.ts'
import { SessionLink } from '../../workers/session-link.ts'
import { SnapshotStores } from '../../workers/snapshot-stores.ts'
import type { WorkerTopic } from '../../workers/worker-topics.ts'
import { WorkerChannels } from './worker-channels.ts'
import type { Mutation } from './mutations.ts'
import type { SimVersion } from './sim-jobs.ts'
import { SegmentedState, SimDisk } from './sim-segments.ts'
import { SimSlot, type FromSlot } from './sim-slot.ts'
import { Actor, type World } from './world.ts'

export interface SimPeerSetup {
  readonly world: World
  /** The worker's main thread. */
  readonly main: Actor
  readonly version: SimVersion
  readonly parallelism: number
  readonly interpreted: boolean
  /** State lies on disk, in segments. */
  readonly segmented: boolean
  readonly mutation: Mutation | undefined
  readonly storage: CheckpointStorage
  readonly connector: (actor: Actor, attempt: () => number) => Connector
  /** Told of every thread that the worker starts. */
  readonly onActor: (actor: Actor) => void
  readonly onStart: (attempt: number) => void
  /** @returns whether an attempt may fail so */
  readonly assertExpected: (thrown: unknown) => void
}

type Start = Extract<ToWorker, { type: 'start' }>
const nothing = new Uint8Array(0)

/** Does what workers/peer-session.ts does, in simulated time: real links, stores and messages, and slots that can be stopped. */
export class SimPeerSession {
  readonly id: string
  readonly process: number
  hasJoined = false
  readonly #given: PeerSessionOptions
  readonly #setup: SimPeerSetup
  readonly #link: SessionLink
  readonly #slots = new Map<number, SimSlot>()
  readonly #terminated = new Set<number>()
  #exchange: WorkerTopic | undefined
  #exchangeFrom = 0
  #exchangeLink: ExchangeLink | undefined
  #stores: SnapshotStores | undefined
  #taken: Promise<void> = Promise.resolve()
  #isEnding = false
  #attempt = 0

  constructor(given: PeerSessionOptions, setup: SimPeerSetup) {
    this.#given = given
    this.#setup = setup
    this.id = given.id.toString('hex')
    this.process = given.process
    this.#link = new SessionLink({
      session: given.id,
      own: given.own,
      log: given.control,
      memberOf: (worker) => (worker === 0 ? given.process : undefined),
      onMessage: (_, message) => this.#receive(decodeMessage<ToWorker>(message)),
    })
  }

  async open(onJoined: () => void): Promise<void> {
    const { placement, own, topics } = this.#given
    const { exchange } = topicNames(placement.topicPrefix, placement.workers)
    const { signal } = new AbortController()
    const log = await topics.open(exchange, { signal, onFailure: (error) => this.#fail(error) })
    if (!log) throw new LightflusError('LF_PEER_LOST', `topic ${exchange} is gone`)
    this.#exchange = log
    this.#exchangeFrom = await log.end(own.worker)
    if (this.#isEnding) return
    this.hasJoined = true
    onJoined()
    const { world, main, version, parallelism, interpreted, connector, onActor } = this.#setup
    const plan = planJob(version.definition.build().graph, parallelism)
    for (let index = 0; index < parallelism; index += 1) {
      if (this.#workerOf(index) !== own.worker) continue
      const actor = new Actor()
      onActor(actor)
      const slot = new SimSlot({
        world,
        actor,
        coordinator: main,
        version,
        plan,
        index,
        interpreted,
        connector: connector(actor, () => this.#attempt),
        onMessage: (message) => this.#fromSlot(index, message),
      })
      this.#slots.set(index, slot)
      world.after(main, world.dice.next() * 5, () => this.#tell(index, { type: 'built', graphHash: 'sim' }))
    }
  }

  receive(record: Buffer): void {
    this.#link.receive(record)
  }

  async end(): Promise<void> {
    this.#isEnding = true
    for (const slot of this.#slots.values()) slot.post({ type: 'cancel' })
    await Promise.all([...this.#slots.keys()].map((slot) => this.#terminate(slot)))
    this.#close()
  }

  #workerOf(slot: number): number {
    return workerOfSlot(slot, this.#setup.parallelism, this.#given.placement.workers)
  }

  #receive(message: ToWorker): void {
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
    const { world, main, storage, parallelism, version, segmented, mutation, onStart } = this.#setup
    const { own } = this.#given
    if (members.get(own.worker) !== own.process && mutation !== 'worker-twice') {
      this.#isEnding = true
      return this.#given.onReplaced()
    }
    this.#attempt = attempt
    this.#given.onAttempt(attempt)
    onStart(attempt)
    const disk = new SimDisk(world, main)
    const brought = new RestoredSegments(disk)
    const wanted = { ...wantedBy([...this.#slots.keys()], parallelism), disk: brought, assertsOthers: false }
    const read = checkpoint && (await readCheckpoint(storage, checkpoint, wanted))
    if (this.#isEnding) return
    const { graph } = version.definition.build()
    const plan = planJob(graph, parallelism)
    this.#stores = new SnapshotStores(
      new CheckpointFiles({
        storage,
        attempt,
        plan,
        graphHash: 'sim',
        readFile: disk.read,
        restored: read?.segments ?? [],
      }),
    )
    const memory = new ArrayBuffer(SourceAlignment.bytes(graph, parallelism))
    const alignment = new SourceAlignment(graph, parallelism, memory)
    const others = Array.from({ length: parallelism }, (_, other) => other)
    const ways = new WorkerChannels({
      world,
      actorOf: (slot) => this.#slots.get(slot)?.actor,
      main,
      workerOf: (slot) => this.#workerOf(slot),
    })
    this.#exchangeLink = new ExchangeLink({
      log: this.#exchange!,
      from: this.#exchangeFrom,
      session: this.#given.id,
      own,
      members,
      createBridge: (send) => ways.bridged(send),
      onFailure: (error) => this.#fail(error),
    })
    for (const [index, slot] of this.#slots) {
      slot.start({
        restore: read && shareOfSlot(read.snapshots, { index, parallelism }, read.paths),
        checkpoints,
        alignment,
        segmented: segmented ? new SegmentedState(world, disk, `${attempt}/${index}`) : undefined,
        inputs: (chain) => chain.inputs.map((edge) => others.map((from) => ways.channel(edge, from, index))),
        outputs: (chain) => chain.outputs.map((edge) => others.map((to) => ways.channel(edge, index, to))),
        cancelChannels: () => ways.cancel(),
      })
    }
  }

  #fromSlot(slot: number, message: FromSlot): void {
    if (message.type === 'failed') {
      this.#setup.assertExpected(message.thrown)
      return this.#tell(slot, { type: 'failed', error: this.#error(message.thrown).toJSON() })
    }
    if (message.type === 'started') return this.#tell(slot, { type: 'started', chains: message.chains })
    if (message.type !== 'snapshot') return this.#tell(slot, message)
    const { file, segments, ...rest } = message
    const { chain, checkpoint } = rest
    this.#stores!.put({ chain, index: slot }, checkpoint, { file, segments }, (stored) => {
      this.#slots.get(slot)?.post({ type: 'snapshotStored', chains: [chain], checkpoint })
      this.#tell(
        slot,
        'error' in stored
          ? { type: 'snapshotFailed', chain, checkpoint, error: stored.error }
          : { ...rest, type: 'stored', snapshot: stored.snapshot, ingested: undefined },
      )
    })
  }

  async #terminateFor(slot: number): Promise<void> {
    await this.#terminate(slot)
    this.#send({ type: 'terminated', slot, hasEnded: true })
    if (this.#terminated.size < this.#slots.size) return
    this.#close()
    this.#given.onEnded()
  }

  async #terminate(slot: number): Promise<void> {
    const { world, main } = this.#setup
    this.#isEnding = true
    await world.wait(main, world.dice.next() * 10)
    const ended = this.#slots.get(slot)
    if (ended) world.kill(ended.actor)
    this.#terminated.add(slot)
  }

  #close(): void {
    this.#stores?.close()
    this.#exchangeLink?.close()
    this.#exchange?.close()
  }

  #tell(slot: number, message: MessageFromRemote): void {
    this.#send({ type: 'fromSlot', slot, message })
  }

  #send(message: FromWorker): void {
    this.#link.send(0, nothing, encodeMessage(message))
  }

  #fail(thrown: unknown): void {
    if (this.#isEnding) return
    this.#setup.assertExpected(thrown)
    this.#send({ type: 'failed', error: this.#error(thrown).toJSON() })
  }

  #error(thrown: unknown): LightflusError {
    return toLightflusError(thrown, 'LF_SLOT_CRASHED', `Worker ${this.#given.own.worker}: ${String(thrown)}`)
  }
}
