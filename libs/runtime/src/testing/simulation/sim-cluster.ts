import { isLightflusError } from '@lightflus/api'
import type { CheckpointStorage } from '@lightflus/storage'
import { faultyStorage } from '@lightflus/storage/testing'
import { RestoredSegments } from '../../checkpoint/restored-segments.ts'
import type { ResolvedOptions } from '../../deployment-options.ts'
import type { Placement } from '../../placement.ts'
import { PeerSession } from '../../workers/peer-session.ts'
import { Peer } from '../../workers/peer.ts'
import { asMember } from './faulty-doubles.ts'
import { isExpected } from './expected-failures.ts'
import { simConnector, type SimOutside } from './sim-connector.ts'
import type { SimVersion } from './sim-jobs.ts'
import { SimDisk } from './sim-segments.ts'
import { simSlots } from './sim-slots.ts'
import type { SimPlace } from './sim-storage.ts'
import { SimTopics } from './sim-topics.ts'
import { Actor } from './world.ts'

/** How long a worker may be silent, and how long an attempt may take to begin, milliseconds. */
const workerSilenceMsMax = 1_000
export const slotStartMsMax = 4_000

export interface SimClusterOptions extends SimOutside {
  readonly place: SimPlace
  readonly job: string
  readonly number: number
  readonly version: SimVersion
  readonly parallelism: number
  readonly workers: number
  readonly interpreted: boolean
  /** State lies on disk, in segments. */
  readonly segmented: boolean
  /** The attempt that a coordinator's process has last claimed; 0: none. */
  readonly claimedBy: (process: number) => number
}

/** A worker's process. */
interface SimPeer {
  readonly main: Actor
  readonly actors: Actor[]
}

/** What a deployment is placed on: how many workers, which program, their topics, and all workers but the first. */
export class SimCluster {
  readonly options: SimClusterOptions
  readonly topics: SimTopics
  readonly placement: Placement
  /** By worker, the process that was started last. */
  readonly #peers = new Map<number, SimPeer>()
  readonly #all: SimPeer[] = []
  #isOver = false

  constructor(options: SimClusterOptions) {
    const { world, failing, mutation, workers, number } = options
    this.options = options
    this.topics = new SimTopics({ world, failing, mutation })
    const exchange = { name: 'exchange', kind: 'kafka', options: {} }
    this.placement = { worker: 0, workers, exchange, topicPrefix: `sim.${number}` }
    for (let worker = 1; worker < workers; worker += 1) this.#start(worker)
  }

  /** What the runtime's own code is told. */
  get resolved(): ResolvedOptions {
    const { job, parallelism } = this.options
    return {
      jobName: job,
      parallelism,
      placement: this.placement,
      limits: { workerSilenceMsMax, slotStartMsMax },
    } as ResolvedOptions
  }

  /** A worker's process is lost; the next one starts a while later. */
  killOne(): void {
    const { world } = this.options
    const worker = world.dice.between(1, this.options.workers - 1)
    for (const actor of this.#peers.get(worker)!.actors) world.kill(actor)
    this.#restart(worker)
  }

  /** A worker's process stands still, and wakes; meanwhile another may have been started in its place. */
  pauseOne(): void {
    const { world } = this.options
    const worker = world.dice.between(1, this.options.workers - 1)
    const { actors } = this.#peers.get(worker)!
    const paused = [...actors]
    for (const actor of paused) world.pause(actor)
    world.after(world.director, world.dice.span(20, 4_000), () => paused.forEach((actor) => world.wake(actor)))
    if (world.dice.chance(0.4)) this.#restart(worker)
  }

  wake(): void {
    for (const { actors } of this.#all) for (const actor of actors) this.options.world.wake(actor)
  }

  /** All of its workers are gone. */
  end(): void {
    this.#isOver = true
    for (const { actors } of this.#all) for (const actor of actors) this.options.world.kill(actor)
  }

  #restart(worker: number): void {
    const { world } = this.options
    const before = this.#peers.get(worker)
    world.after(world.director, world.dice.span(1, 1_500), () => {
      if (!this.#isOver && this.#peers.get(worker) === before) this.#start(worker)
    })
  }

  #start(worker: number): void {
    const { world, parallelism, interpreted, segmented, mutation, version, place } = this.options
    const main = new Actor()
    const peer: SimPeer = { main, actors: [main] }
    this.#peers.set(worker, peer)
    this.#all.push(peer)
    /** Of the newest attempt that it took part in. */
    let took = 0
    const disk = new SimDisk(world, main)
    const restoredSegments = new RestoredSegments(disk)
    const setup = {
      ...{ world, main, disk, version, parallelism, interpreted, segmented },
      connector: (actor: Actor, attempt: () => number) => simConnector(this.options, actor, attempt),
      onActor: (actor: Actor) => void peer.actors.push(actor),
      assertExpected: (thrown: unknown) => this.assertExpected(thrown),
    }
    const { claimedBy } = this.options
    world.as(main, () => {
      const { done } = new Peer({
        options: { ...this.resolved, storage: this.storageOf(main, place.storage) },
        placement: { ...this.placement, worker },
        loadTopics: async () => this.topics.seenBy(main),
        createSession: (given) => {
          const claimed = claimedBy(given.process)
          if (claimed > 0 && claimed < took)
            world.violate(`worker ${worker} took part in attempt ${took} and is taken back by who had ${claimed}`)
          const onAttempt = (attempt: number): void => {
            took = Math.max(took, attempt)
            given.onAttempt(attempt)
          }
          const session = new PeerSession({ ...given, restoredSegments, onAttempt }, simSlots(setup))
          const receive = session.receive.bind(session)
          if (mutation === 'worker-twice') session.receive = (record) => receive(asMember(record, given.own))
          return session
        },
      })
      done.catch((thrown: unknown) => {
        world.trace(`worker ${worker} ends: ${String(thrown)}`)
        if (!isLightflusError(thrown) || thrown.code !== 'LF_PEER_REPLACED') this.assertExpected(thrown)
        for (const actor of peer.actors) world.kill(actor)
        if (this.#peers.get(worker) === peer) this.#restart(worker)
      })
    })
  }

  storageOf(actor: Actor, storage: CheckpointStorage): CheckpointStorage {
    const { world, failing } = this.options
    return faultyStorage(storage, {
      random: world.dice.next,
      pause: (ms) => world.travel(actor, ms),
      chances: { 'fails before': failing, 'fails after': failing, 'happens late': failing, tears: failing },
      slowMsMax: 12,
    })
  }

  assertExpected(thrown: unknown): void {
    const { workers, place, version, world } = this.options
    const excuses = {
      hasSeveralWorkers: workers > 1,
      hasLostMessages: this.topics.hasLost,
      isOutdated: place.newestVersion !== version,
    }
    if (isExpected(thrown, excuses)) return
    const cause = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    world.violate(`an attempt failed as none should: ${cause}`)
  }
}
