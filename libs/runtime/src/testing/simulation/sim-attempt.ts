import { deserializeError, LightflusError } from '@lightflus/api'
import { planJob, SourceAlignment, subtaskId, type Ending, type PhysicalPlan } from '@lightflus/engine'
import { claimJob, type CheckpointStorage, type JobHolder, type JobLog } from '@lightflus/storage'
import { CheckpointDriver } from '../../attempt/checkpoint-driver.ts'
import { CheckpointLedger } from '../../attempt/checkpoint-ledger.ts'
import { subtaskCheckpoints, uncommittedOf } from '../../attempt/uncommitted-output.ts'
import { CheckpointFiles, readNewestCheckpoint, type ReadCheckpoint } from '../../checkpoint/checkpoint-files.ts'
import { RestoredSegments } from '../../checkpoint/restored-segments.ts'
import { shareOfSlot } from '../../checkpoint/snapshot-codec.ts'
import type { ResolvedOptions } from '../../deployment-options.ts'
import { workerOfSlot } from '../../placement.ts'
import type { MessageFromRemote } from '../../workers/control-messages.ts'
import { CoordinatorSession, type CoordinatorIdentity } from '../../workers/coordinator-session.ts'
import type { RemoteSlot } from '../../workers/remote-slot.ts'
import { HastyFiles, withoutSpareIds } from './faulty-doubles.ts'
import type { FreshWish } from './fresh-wish.ts'
import { slotStartMsMax, type SimCluster } from './sim-cluster.ts'
import { simConnector } from './sim-connector.ts'
import { SegmentedState, SimDisk } from './sim-segments.ts'
import { SimSlot, type FromSlot } from './sim-slot.ts'
import type { SimPlace } from './sim-storage.ts'
import { Actor } from './world.ts'
import { WorkerChannels } from './worker-channels.ts'

export type SimEnd =
  | { readonly kind: 'ended'; readonly ending: Ending }
  | {
      readonly kind: 'failed'
      readonly thrown: unknown
      /** It was seen at another worker whether an attempt may fail so. */
      readonly isAsserted: boolean
    }
export type SimRequest = 'suspend' | 'stop' | 'drain'

export interface SimAttemptOptions {
  readonly cluster: SimCluster
  readonly place: SimPlace
  readonly intervalMs: number
  readonly checkpointMsMax: number
  readonly checkpointsKept: number
  /** How often storage, target and messages fail; 0: never. */
  readonly failing: number
  /** The process's main thread. */
  readonly main: Actor
  readonly holder: JobHolder
  readonly coordinator: CoordinatorIdentity
  readonly wish: FreshWish | undefined
  readonly request: SimRequest | undefined
  readonly onClaimed: (attempt: number) => void
  /** The attempt begins from a checkpoint of a former one, or afresh. */
  readonly onRestored: (attempt: number, former: number | undefined) => void
}

/** How long threads have to end, before they are ended. */
const closeMsMax = 60

/**
 * Does what runtime/attempt/attempt.ts does, in simulated time: claims, restores, starts the slots, and drives the real
 * checkpoint driver, files and log. Its threads can be stopped and let go on, one by one or all together.
 */
export class SimAttempt {
  /** Those of this process. */
  readonly slots: SimSlot[]
  readonly #options: SimAttemptOptions
  readonly #plan: PhysicalPlan
  readonly #storage: CheckpointStorage
  readonly #disk: SimDisk
  readonly #over = Promise.withResolvers<SimEnd>()
  readonly #allStarted = Promise.withResolvers<void>()
  readonly #allOpened = Promise.withResolvers<void>()
  readonly #allEnded = Promise.withResolvers<void>()
  readonly #channels: WorkerChannels
  readonly #session: CoordinatorSession | undefined
  readonly #remote = new Map<number, RemoteSlot>()
  readonly #allBuilt = Promise.withResolvers<void>()
  #built = 0
  #isOver = false
  #isRunning = false
  #started = 0
  #opened = 0
  readonly #live = new Set<string>()
  #request: SimRequest | undefined
  #log: JobLog | undefined
  #driver: CheckpointDriver | undefined

  constructor(options: SimAttemptOptions) {
    this.#options = options
    this.#request = options.request
    const { cluster, main, coordinator, place } = options
    const { world, version, parallelism, workers, interpreted } = cluster.options
    this.#plan = planJob(version.definition.build().graph, parallelism)
    this.#session =
      workers === 1
        ? undefined
        : new CoordinatorSession({
            options: cluster.resolved,
            placement: cluster.placement,
            coordinator,
            loadTopics: async () => cluster.topics.seenBy(main),
            onMessage: (slot, message) => this.#receive(slot, message),
            onSlotFailure: (slot, error) => this.#slotFailed(slot, error),
            onFailure: (error) => this.fail(error),
          })
    this.slots = Array.from({ length: parallelism }, (_, index) => index).flatMap((index) => {
      const remote = this.#session?.slot(index)
      if (remote) this.#remote.set(index, remote)
      if (remote) return []
      const actor = new Actor()
      const onMessage = (message: FromSlot): void => this.#receive(index, message)
      const connector = simConnector(cluster.options, actor, () => this.#log!.attempt)
      const given = { world, actor, coordinator: main, version, plan: this.#plan, index, interpreted, connector }
      return [new SimSlot({ ...given, onMessage })]
    })
    this.#channels = new WorkerChannels({
      world,
      main,
      actorOf: (slot) => this.slots[slot]?.actor,
      workerOf: (slot) => workerOfSlot(slot, parallelism, workers),
    })
    this.#disk = new SimDisk(world, main)
    this.#storage = cluster.storageOf(main, place.storage)
  }

  async run(): Promise<SimEnd> {
    const late = this.#session && setTimeout(() => this.#assertStarted(), slotStartMsMax)
    const begun = this.#begin().catch((thrown: unknown) => this.fail(thrown))
    const end = await this.#over.promise
    clearTimeout(late)
    this.#allBuilt.resolve()
    this.#allStarted.resolve()
    this.#allOpened.resolve()
    this.#session?.abandon()
    await begun
    this.#driver?.close()
    await this.#endThreads(end)
    this.#session?.close()
    if (this.#log?.usable)
      await this.#log.release(this.#driver?.usedTo ?? this.#log.state.checkpointsUsedTo).catch(() => undefined)
    return end
  }

  request(request: SimRequest | 'savepoint'): void {
    if (request === 'savepoint') {
      if (this.#isRunning) this.#driver?.dispatch({ type: 'savepointRequested', then: 'CONTINUE' })
      return
    }
    this.#request = request
    if (this.#isRunning) this.#passRequest()
  }

  fail(thrown: unknown, isAsserted = false): void {
    this.#end({ kind: 'failed', thrown, isAsserted })
  }

  async #begin(): Promise<void> {
    const { cluster, main, holder, wish, place, checkpointsKept } = this.#options
    const { world, job, parallelism, workers, mutation } = cluster.options
    await world.wait(main, world.dice.next() * 10)
    await this.#session?.open()
    if (workers > 1) await this.#allBuilt.promise
    if (this.#isOver) return
    const storage = this.#storage
    const log = await claimJob({
      holder,
      storage,
      job,
      parallelism,
      now: world.now,
      checkpointsKept,
      savepointsKept: 1,
      ...(wish && { afresh: wish.id }),
      ...(wish?.from && { from: { ...wish.from, acceptRepeats: mutation === 'from-repeats-output' } }),
    })
    this.#options.onClaimed(log.attempt)
    this.#log = mutation === 'id-used-twice' ? withoutSpareIds(log) : log
    const { state } = this.#log
    const readState = mutation === 'fallback-past-commit' ? { ...state, outputs: {} } : state
    const wanted = { disk: new RestoredSegments(this.#disk), wants: () => true, assertsOthers: true }
    const checkpoint = await readNewestCheckpoint(storage, readState, () => undefined, wanted)
    if (this.#isOver) return
    const former = checkpoint?.logged.attempt
    place.began(log.attempt, former, state.afresh)
    this.#options.onRestored(log.attempt, former)
    const uncommitted = uncommittedOf(state, checkpoint?.logged, this.#request)
    const { intervalMs: checkpointIntervalMs, checkpointMsMax } = this.#options
    const options = { storage, checkpointIntervalMs, limits: { checkpointMsMax } } as ResolvedOptions
    const checkpoints = subtaskCheckpoints(options, state, uncommitted)
    this.#driver = this.#createDriver(this.#log, checkpoint, uncommitted)
    this.#startSlots(log.attempt, checkpoint, checkpoints)
    await this.#allStarted.promise
    if (this.#isOver) return
    this.#isRunning = true
    this.#passRequest()
    await this.#allOpened.promise
    if (!this.#isOver) this.#driver.start()
  }

  #createDriver(
    log: JobLog,
    checkpoint: ReadCheckpoint | undefined,
    uncommitted: ReturnType<typeof uncommittedOf>,
  ): CheckpointDriver {
    const { cluster, place, intervalMs, checkpointMsMax, failing } = this.#options
    const { world, mutation } = cluster.options
    const files = {
      storage: this.#storage,
      attempt: log.attempt,
      plan: this.#plan,
      graphHash: 'sim',
      readFile: this.#disk.read,
      restored: checkpoint?.segments ?? [],
    }
    return new CheckpointDriver({
      plan: this.#plan,
      log,
      files: mutation === 'manifest-before-data' ? new HastyFiles(files) : new CheckpointFiles(files),
      now: world.now,
      ledger: new CheckpointLedger(),
      uncommitted,
      intervalMs,
      pauseMsMin: 0,
      checkpointMsMax,
      post: (slot, message) => {
        if (message.type === 'triggerCheckpoint') {
          place.uses(log.attempt, message.barrier.checkpoint)
          // Only this message may be lost: the checkpoint expires, or where the next one's barrier overtakes it, the attempt fails.
          if (world.dice.chance(failing)) {
            cluster.topics.hasLost = true
            return
          }
        }
        ;(this.#remote.get(slot) ?? this.slots[slot]).post(message)
      },
      onLog: () => undefined,
      onCheckpoint: () => undefined,
      onCommitted: () => undefined,
      onSavepointFailed: () => undefined,
      onEnded: (ending) => this.#end({ kind: 'ended', ending }),
      onFailure: (error: LightflusError) => this.fail(error),
    })
  }

  #startSlots(
    attempt: number,
    checkpoint: ReadCheckpoint | undefined,
    checkpoints: ReturnType<typeof subtaskCheckpoints>,
  ): void {
    const { world, version, parallelism, segmented } = this.#options.cluster.options
    const { graph } = version.definition.build()
    const memory = new ArrayBuffer(SourceAlignment.bytes(graph, parallelism))
    const alignment = new SourceAlignment(graph, parallelism, memory)
    const others = Array.from({ length: parallelism }, (_, other) => other)
    const ways = this.#channels
    this.#session?.joinExchange((send) => ways.bridged(send))
    for (const slot of this.slots) {
      const { index } = slot
      slot.start({
        restore: checkpoint && shareOfSlot(checkpoint.snapshots, { index, parallelism }, checkpoint.paths),
        checkpoints,
        alignment,
        segmented: segmented ? new SegmentedState(world, this.#disk, `${attempt}/${index}`) : undefined,
        inputs: (chain) => chain.inputs.map((edge) => others.map((from) => ways.channel(edge, from, index))),
        outputs: (chain) => chain.outputs.map((edge) => others.map((to) => ways.channel(edge, index, to))),
        cancelChannels: () => ways.cancel(),
      })
    }
    this.#session?.start({ attempt, checkpoints, checkpoint: checkpoint?.logged })
  }

  #passRequest(): void {
    const driver = this.#driver!
    if (this.#request === 'drain') driver.dispatch({ type: 'drainRequested' })
    else if (this.#request)
      driver.dispatch({ type: 'savepointRequested', then: this.#request === 'stop' ? 'STOPPED' : 'SUSPENDED' })
  }

  #receive(slot: number, message: FromSlot | MessageFromRemote): void {
    switch (message.type) {
      case 'built':
        this.#built += 1
        if (this.#built === this.#remote.size) this.#allBuilt.resolve()
        return
      case 'started':
        this.#started += 1
        for (const chain of message.chains) this.#live.add(subtaskId({ chain, index: slot }))
        if (this.#started === this.#plan.parallelism) this.#allStarted.resolve()
        return
      case 'opened':
        this.#opened += 1
        this.#driver?.resumed(slot)
        if (this.#opened === this.#plan.parallelism) this.#allOpened.resolve()
        return
      case 'snapshot':
        return this.#driver?.store({ chain: message.chain, index: slot }, message.checkpoint, {
          ...message,
          times: { alignmentMs: 0, pauseMs: 0 },
        })
      case 'stored':
        return this.#driver?.store({ chain: message.chain, index: slot }, message.checkpoint, message)
      case 'snapshotFailed':
        return this.#driver?.decline({ chain: message.chain, index: slot }, message.checkpoint, message.error)
      case 'committed':
        return this.#driver?.committed({ chain: message.chain, index: slot }, message.checkpoint)
      case 'ended':
        return this.#ended(subtaskId({ chain: message.chain, index: slot }))
      case 'failed':
        return 'thrown' in message ? this.fail(message.thrown) : this.fail(deserializeError(message.error), true)
    }
  }

  #slotFailed(index: number, error: LightflusError): void {
    this.fail(error)
    for (const subtask of this.#live) if (subtask.endsWith(`/${index}`)) this.#ended(subtask)
  }

  #ended(subtask: string): void {
    this.#live.delete(subtask)
    if (this.#live.size === 0) this.#allEnded.resolve()
  }

  #assertStarted(): void {
    if (this.#isRunning) return
    this.fail(new LightflusError('LF_SLOT_START', 'Slots of a simulated job were not ready in time.'))
  }

  #end(end: SimEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#over.resolve(end)
  }

  async #endThreads(end: SimEnd): Promise<void> {
    const { cluster, main } = this.#options
    const { world } = cluster.options
    if (end.kind !== 'ended')
      for (const slot of [...this.slots, ...this.#remote.values()]) slot.post({ type: 'cancel' })
    if (this.#live.size > 0) {
      const callOff = world.after(main, closeMsMax, () => this.#allEnded.resolve())
      await this.#allEnded.promise
      callOff()
    }
    for (const { actor } of this.slots) world.kill(actor)
    await Promise.all([...this.#remote.values()].map((slot) => slot.terminate()))
  }
}
