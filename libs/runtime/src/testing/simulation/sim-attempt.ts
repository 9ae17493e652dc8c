import { isLightflusError, type LightflusError } from '@lightflus/api'
import {
  planJob,
  SourceAlignment,
  subtaskId,
  subtasksOf,
  type ChainEdge,
  type Connector,
  type Ending,
  type PhysicalPlan,
} from '@lightflus/engine'
import { claimJob, checkpointFolder, type CheckpointStorage, type JobLog } from '@lightflus/storage'
import { faultyStorage } from '@lightflus/storage/testing'
import { CheckpointLedger } from '../../attempt/checkpoint-ledger.ts'
import { CheckpointDriver } from '../../attempt/checkpoint-driver.ts'
import { subtaskCheckpoints, uncommittedOf } from '../../attempt/uncommitted-output.ts'
import { CheckpointFiles, readNewestCheckpoint, type ReadCheckpoint } from '../../checkpoint/checkpoint-files.ts'
import { RestoredSegments } from '../../checkpoint/restored-segments.ts'
import { shareOfSlot } from '../../checkpoint/snapshot-codec.ts'
import type { ResolvedOptions } from '../../deployment-options.ts'
import type { Mutation } from './mutations.ts'
import { SimChannel } from './sim-channel.ts'
import type { Item, Input, SimJob } from './sim-jobs.ts'
import { SegmentedState, SimDisk } from './sim-segments.ts'
import { SimSlot, type FromSlot } from './sim-slot.ts'
import { simReader } from './sim-source.ts'
import type { SimPlace } from './sim-storage.ts'
import { simWriter, type SimTarget, type Staging } from './sim-target.ts'
import { Actor, type World } from './world.ts'

export type SimEnd =
  { readonly kind: 'ended'; readonly ending: Ending } | { readonly kind: 'failed'; readonly thrown: unknown }
export type SimRequest = 'suspend' | 'stop' | 'drain'

export interface SimAttemptOptions {
  readonly world: World
  readonly job: SimJob
  readonly input: Input
  readonly place: SimPlace
  readonly target: SimTarget
  readonly staging: Staging
  readonly parallelism: number
  readonly interpreted: boolean
  /** State lies on disk, in segments. */
  readonly segmented: boolean
  readonly intervalMs: number
  readonly checkpointMsMax: number
  readonly checkpointsKept: number
  /** How often storage, target and messages fail; 0: never. */
  readonly failing: number
  readonly request: SimRequest | undefined
  readonly mutation: Mutation | undefined
  /** The attempt begins from a checkpoint of a former one. */
  readonly onRestored: (attempt: number, former: number) => void
  readonly onRead: (attempt: number, partition: string, to: number) => void
}

/** How long threads have to end, before they are ended. */
const closeMsMax = 60

/**
 * Does what runtime/attempt/attempt.ts does, in simulated time: claims, restores, starts the slots, and drives the real
 * checkpoint driver, files and log. Its threads can be stopped and let go on, one by one or all together.
 */
export class SimAttempt {
  readonly coordinator = new Actor()
  readonly slots: SimSlot[]
  /** A slot was not told of a checkpoint. */
  hasLostBarrier = false
  readonly #options: SimAttemptOptions
  readonly #plan: PhysicalPlan
  readonly #storage: CheckpointStorage
  readonly #disk: SimDisk
  readonly #over = Promise.withResolvers<SimEnd>()
  readonly #allStarted = Promise.withResolvers<void>()
  readonly #allOpened = Promise.withResolvers<void>()
  readonly #allEnded = Promise.withResolvers<void>()
  readonly #channels = new Map<string, SimChannel>()
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
    const { world, job, parallelism, interpreted, failing } = options
    this.#plan = planJob(job.definition.build().graph, parallelism)
    this.slots = Array.from({ length: parallelism }, (_, index) => {
      const actor = new Actor()
      const onMessage = (message: FromSlot): void => this.#receive(index, message)
      const connector = this.#connector(actor)
      const { coordinator } = this
      return new SimSlot({ world, actor, coordinator, job, plan: this.#plan, index, interpreted, connector, onMessage })
    })
    this.#disk = new SimDisk(world, this.coordinator)
    this.#storage = faultyStorage(options.place.storage, {
      random: world.dice.next,
      pause: (ms) => world.travel(this.coordinator, ms),
      chances: { 'fails before': failing, 'fails after': failing, 'happens late': failing, tears: failing },
      slowMsMax: 12,
    })
  }

  get actors(): readonly Actor[] {
    return [this.coordinator, ...this.slots.map(({ actor }) => actor)]
  }

  async run(): Promise<SimEnd> {
    const begun = this.#begin().catch((thrown: unknown) => this.fail(thrown))
    const end = await this.#over.promise
    this.#allStarted.resolve()
    this.#allOpened.resolve()
    await begun
    this.#driver?.close()
    await this.#endThreads(end)
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

  fail(thrown: unknown): void {
    this.#end({ kind: 'failed', thrown })
  }

  async #begin(): Promise<void> {
    const { world, job, parallelism, checkpointsKept, mutation } = this.#options
    await world.wait(this.coordinator, world.dice.next() * 10)
    const storage = this.#storage
    const log = await claimJob({
      storage,
      job: job.name,
      parallelism,
      now: world.now,
      checkpointsKept,
      savepointsKept: 1,
    })
    this.#log = mutation === 'id-used-twice' ? withoutSpareIds(log) : log
    const { state } = this.#log
    const readState = mutation === 'fallback-past-commit' ? { ...state, outputs: {} } : state
    const wanted = { disk: new RestoredSegments(this.#disk), wants: () => true, assertsOthers: true }
    const checkpoint = await readNewestCheckpoint(storage, readState, () => undefined, wanted)
    if (this.#isOver) return
    if (checkpoint) this.#options.onRestored(log.attempt, checkpoint.logged.attempt)
    const uncommitted = uncommittedOf(state, checkpoint?.logged, this.#request)
    const { intervalMs: checkpointIntervalMs, checkpointMsMax } = this.#options
    const options = { storage, checkpointIntervalMs, limits: { checkpointMsMax } } as ResolvedOptions
    const checkpoints = subtaskCheckpoints(options, state, uncommitted)
    this.#driver = this.#createDriver(this.#log, checkpoint, uncommitted)
    this.#startSlots(checkpoint, checkpoints)
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
    const { world, place, intervalMs, checkpointMsMax, failing, mutation } = this.#options
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
            this.hasLostBarrier = true
            return
          }
        }
        this.slots[slot].post(message)
      },
      onLog: () => undefined,
      onCheckpoint: () => undefined,
      onCommitted: () => undefined,
      onSavepointFailed: () => undefined,
      onEnded: (ending) => this.#end({ kind: 'ended', ending }),
      onFailure: (error: LightflusError) => this.fail(error),
    })
  }

  #startSlots(checkpoint: ReadCheckpoint | undefined, checkpoints: ReturnType<typeof subtaskCheckpoints>): void {
    const { world, job, parallelism, segmented } = this.#options
    const { graph } = job.definition.build()
    const memory = new ArrayBuffer(SourceAlignment.bytes(graph, parallelism))
    const alignment = new SourceAlignment(graph, parallelism, memory)
    const others = Array.from({ length: parallelism }, (_, other) => other)
    for (const { chain, index } of subtasksOf(this.#plan)) this.#live.add(subtaskId({ chain, index }))
    for (const slot of this.slots) {
      const { index } = slot
      slot.start({
        restore: checkpoint && shareOfSlot(checkpoint.snapshots, { index, parallelism }, checkpoint.paths),
        checkpoints,
        alignment,
        segmented: segmented ? new SegmentedState(world, this.#disk, `${checkpoints.attempt}/${index}`) : undefined,
        inputs: (chain) => chain.inputs.map((edge) => others.map((from) => this.#channel(edge, from, index))),
        outputs: (chain) => chain.outputs.map((edge) => others.map((to) => this.#channel(edge, index, to))),
        cancelChannels: () => {
          for (const channel of this.#channels.values()) channel.cancel()
        },
      })
    }
  }

  #channel(edge: ChainEdge, from: number, to: number): SimChannel {
    const name = `${edge.id} ${from} ${to}`
    let channel = this.#channels.get(name)
    if (!channel) {
      channel = new SimChannel(this.#options.world, this.slots[from].actor, this.slots[to].actor)
      this.#channels.set(name, channel)
    }
    return channel
  }

  #connector(actor: Actor): Connector {
    const { world, input, target, staging, failing, mutation, onRead } = this.#options
    return {
      kind: 'sim',
      createSource: (context) =>
        simReader(context, {
          world,
          actor,
          partitions: input[context.operator.node.id] as Record<string, readonly Item[]>,
          onRead: (partition, to) => onRead(this.#log!.attempt, partition, to),
        }),
      createSink: (context) => simWriter(context, { world, target, actor, staging, failing: failing / 2, mutation }),
    }
  }

  #passRequest(): void {
    const driver = this.#driver!
    if (this.#request === 'drain') driver.dispatch({ type: 'drainRequested' })
    else if (this.#request)
      driver.dispatch({ type: 'savepointRequested', then: this.#request === 'stop' ? 'STOPPED' : 'SUSPENDED' })
  }

  #receive(slot: number, message: FromSlot): void {
    switch (message.type) {
      case 'started':
        this.#started += 1
        if (this.#started === this.slots.length) this.#allStarted.resolve()
        return
      case 'opened':
        this.#opened += 1
        this.#driver?.resumed(slot)
        if (this.#opened === this.slots.length) this.#allOpened.resolve()
        return
      case 'snapshot':
        return this.#driver?.store({ chain: message.chain, index: slot }, message.checkpoint, {
          ...message,
          times: { alignmentMs: 0, pauseMs: 0 },
        })
      case 'committed':
        return this.#driver?.committed({ chain: message.chain, index: slot }, message.checkpoint)
      case 'ended':
        this.#live.delete(subtaskId({ chain: message.chain, index: slot }))
        if (this.#live.size === 0) this.#allEnded.resolve()
        return
      case 'failed':
        return this.fail(message.thrown)
    }
  }

  #end(end: SimEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#over.resolve(end)
  }

  async #endThreads(end: SimEnd): Promise<void> {
    const { world } = this.#options
    if (end.kind !== 'ended') for (const slot of this.slots) slot.post({ type: 'cancel' })
    if (this.#live.size > 0) {
      const callOff = world.after(this.coordinator, closeMsMax, () => this.#allEnded.resolve())
      await this.#allEnded.promise
      callOff()
    }
    for (const { actor } of this.slots) world.kill(actor)
  }
}

/** Says that a snapshot is stored when it has only been sent. */
class HastyFiles extends CheckpointFiles {
  readonly #of: ConstructorParameters<typeof CheckpointFiles>[0]

  constructor(options: ConstructorParameters<typeof CheckpointFiles>[0]) {
    super(options)
    this.#of = options
  }

  override putSnapshot(...given: Parameters<CheckpointFiles['putSnapshot']>) {
    super.putSnapshot(...given).catch(() => undefined)
    const [subtask, checkpoint, file] = given
    const { attempt, plan } = this.#of
    const chain = plan.chains.findIndex(({ id }) => id === subtask.chain)
    const path = `${checkpointFolder(attempt, checkpoint)}${chain}-${subtask.index}`
    return Promise.resolve({ path, sha256: file.sha256, bytes: file.bytes.byteLength })
  }
}

/** A log that has left out no ids above those that it knows. */
function withoutSpareIds(log: JobLog): JobLog {
  const wrapped: Pick<JobLog, keyof JobLog> = {
    get usable() {
      return log.usable
    },
    get attempt() {
      return log.attempt
    },
    get state() {
      const { state } = log
      return { ...state, checkpointsUsedTo: state.checkpoints.at(-1)?.checkpoint ?? 0 }
    },
    checkpoint: (checkpoint) => log.checkpoint(checkpoint),
    committed: (checkpoint) => log.committed(checkpoint),
    release: (usedTo) => log.release(usedTo),
    deleteOld: () => log.deleteOld(),
  }
  return wrapped as JobLog
}

const expectedCodes = new Set([
  'LF_ATTEMPT_FENCED',
  'LF_STORAGE_FAILED',
  'LF_CHECKPOINT_EXPIRED',
  'LF_CHECKPOINT_FAILED',
])

/** Whether an attempt may fail so, in a world as this: by an error of these kinds, or one that says of itself all there is. */
export function isExpected(thrown: unknown, kinds: readonly (new (message: string) => Error)[]): boolean {
  let error = thrown
  while (error instanceof Error && error.cause !== undefined) error = error.cause
  if (kinds.some((kind) => error instanceof kind)) return true
  return isLightflusError(error) && expectedCodes.has(error.code)
}
