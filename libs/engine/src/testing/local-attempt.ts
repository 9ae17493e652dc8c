import { LightflusError, type JobDefinition } from '@lightflus/api'
import type { CheckpointEffect, CheckpointEvent, CheckpointManifest, Ending } from '../checkpoint/protocol.ts'
import type { Connector } from '../connector.ts'
import { restoreSubtask } from '../checkpoint/restore.ts'
import { sinksWithOutput, type SubtaskSnapshot } from '../checkpoint/snapshot.ts'
import { startCheckpoints, step } from '../checkpoint/step.ts'
import { edgeDemands } from '../field-use/edge-demands.ts'
import { planJob } from '../plan/plan-job.ts'
import { subtaskId, subtasksOf, type ChainEdge, type PhysicalPlan, type SubtaskAddress } from '../plan/plan.ts'
import { SourceAlignment } from '../watermark/alignment.ts'
import type { OperatorMetrics } from '../subtask/metrics.ts'
import { createSubtask } from '../subtask/subtask.ts'
import type { Subtask } from '../subtask/subtask-options.ts'
import { createListConnector, type ListWorld } from './list-connector.ts'
import { MemoryChannel } from './memory-channel.ts'
import { VirtualHost } from './virtual-host.ts'

/** A checkpoint as the test keeps it: the manifest, and the snapshots that it refers to by number. */
export interface StoredCheckpoint {
  readonly manifest: CheckpointManifest
  readonly snapshots: readonly SubtaskSnapshot[]
}

export interface AttemptOptions {
  readonly job: JobDefinition
  readonly world: ListWorld
  readonly parallelism: number
  readonly attempt?: number
  readonly restore?: StoredCheckpoint
  readonly batchRecordsMax?: number
  /** Instead of lists. */
  readonly connector?: Connector
  /** Default false: chains run as generated code. */
  readonly interpreted?: boolean
  /** What the job's log knows beside the checkpoint that is restored; it changes as the attempt runs. Default: nothing. */
  readonly jobLog?: JobLog
  /** Called at each step of the protocol; what it throws stops that step. */
  readonly onStep?: (step: string) => void
}

/** The log of a job over all of its attempts, as far as sinks go. */
export interface JobLog {
  /** All that came to exist, oldest first. */
  readonly checkpoints: StoredCheckpoint[]
  committedTo: number
  subtasksMax: number
  /** Numbers up to this one may have been used. */
  usedTo: number
}

export interface AttemptResult {
  readonly ending: Ending | 'CRASHED'
  /** All that came to exist, oldest first. */
  readonly checkpoints: readonly StoredCheckpoint[]
  readonly metrics: readonly OperatorMetrics[]
  readonly log: readonly string[]
}

/** Runs one attempt of a job in this thread, with the real checkpoint protocol and in virtual time. */
export class LocalAttempt {
  readonly #options: AttemptOptions
  readonly #plan: PhysicalPlan
  readonly #host = new VirtualHost()
  readonly #abort = new AbortController()
  readonly #channels = new Map<string, MemoryChannel>()
  readonly #subtasks = new Map<string, Subtask>()
  readonly #snapshots: SubtaskSnapshot[] = []
  readonly #checkpoints: StoredCheckpoint[] = []
  readonly #log: string[] = []
  readonly #jobLog: JobLog
  /** The restored checkpoint, where its output may not be committed. */
  readonly #uncommitted: { readonly checkpoint: number; readonly ending: Ending | null } | undefined
  readonly #ended = Promise.withResolvers<Ending>()
  readonly #alignment: SourceAlignment
  readonly #wanted
  #state

  constructor(options: AttemptOptions) {
    this.#options = options
    const { parallelism, attempt = 1 } = options
    const built = options.job.build()
    const { graph } = built
    this.#wanted = edgeDemands(built)
    this.#plan = planJob(graph, parallelism)
    this.#alignment = new SourceAlignment(
      graph,
      parallelism,
      new ArrayBuffer(SourceAlignment.bytes(graph, parallelism)),
    )
    const { restore } = options
    const usedTo = restore?.manifest.checkpoint ?? 0
    this.#jobLog = options.jobLog ?? { checkpoints: [], committedTo: 0, subtasksMax: 0, usedTo }
    this.#jobLog.subtasksMax = Math.max(this.#jobLog.subtasksMax, parallelism)
    if (restore && restore.manifest.outputs.length > 0 && restore.manifest.checkpoint > this.#jobLog.committedTo)
      this.#uncommitted = restore.manifest
    this.#state = startCheckpoints({
      plan: this.#plan,
      attempt,
      firstCheckpoint: this.#jobLog.usedTo + 1,
      ...(this.#uncommitted && { restored: this.#uncommitted }),
    })
    for (const { chain, index } of subtasksOf(this.#plan)) {
      this.#subtasks.set(subtaskId({ chain, index }), this.#create(chain, index, attempt))
    }
  }

  async run(): Promise<AttemptResult> {
    const running = [...this.#subtasks.values()].map((subtask) => subtask.run())
    let ending: Ending | 'CRASHED'
    try {
      const [ended] = await this.#host.runUntil(Promise.all([this.#ended.promise, ...running]))
      ending = ended
    } catch (thrown) {
      this.crash()
      await this.#host.runUntil(Promise.allSettled(running))
      if (thrown !== crashed) throw thrown
      ending = 'CRASHED'
    }
    const metrics = [...this.#subtasks.values()].flatMap((subtask) => subtask.metrics)
    return { ending, checkpoints: this.#checkpoints, metrics, log: this.#log }
  }

  /** Number of the checkpoint that is under way. */
  get pending(): number | undefined {
    return this.#state.pending?.checkpoint
  }

  /** Gives the protocol an event and performs what it asks for. */
  tell(event: CheckpointEvent): void {
    if (this.#abort.signal.aborted) return
    const { state, effects } = step(this.#state, event)
    this.#state = state
    this.#jobLog.usedTo = Math.max(this.#jobLog.usedTo, state.nextCheckpoint - 1)
    for (const effect of effects) {
      this.#step(effect.type)
      this.#perform(effect)
    }
  }

  #step(name: string): void {
    try {
      this.#options.onStep?.(name)
    } catch (thrown) {
      this.#ended.reject(thrown)
      throw thrown
    }
  }

  /** The log takes a while, in which everything else goes on. */
  #write(what: string, entry: () => void, event: CheckpointEvent): void {
    void (async () => {
      await aWhile()
      if (this.#abort.signal.aborted) return
      this.#step(`before ${what}`)
      entry()
      this.#step(`after ${what}`)
      this.tell(event)
    })().catch((thrown: unknown) => this.#ended.reject(thrown))
  }

  /** Ends everything where it stands, as the loss of the process would. */
  crash(): void {
    this.#ended.reject(crashed)
    this.#abort.abort()
    for (const channel of this.#channels.values()) channel.cancel()
  }

  #create(chainId: string, index: number, attempt: number): Subtask {
    const { job, world, restore, batchRecordsMax, interpreted = false, connector: given } = this.#options
    const connector = given ?? createListConnector(world)
    const chain = this.#plan.chains.find(({ id }) => id === chainId)!
    const others = Array.from({ length: this.#plan.parallelism }, (_, other) => other)
    const subtask = { chain: chainId, index }
    return createSubtask({
      plan: this.#plan,
      chain: chainId,
      index,
      attempt,
      operators: job.build().operators,
      inputs: chain.inputs.map((edge) => others.map((from) => this.#channel(edge, from, index))),
      outputs: chain.outputs.map((edge) => others.map((to) => this.#channel(edge, index, to))),
      // A copy: what is restored becomes the subtask's own and changes in place.
      restore:
        restore &&
        restoreSubtask(
          this.#plan,
          structuredClone(restore.snapshots),
          { chain: chainId, index },
          { committedTo: this.#jobLog.committedTo },
        ),
      checkpoints: {
        lineage: 'test',
        attempt,
        isDurable: true,
        intervalMs: 1_000,
        timeoutMs: 10_000,
        first: this.#state.nextCheckpoint,
        committedTo: this.#jobLog.committedTo,
        subtasksMax: this.#jobLog.subtasksMax,
        endsOnceCommitted: this.#uncommitted !== undefined && this.#uncommitted.ending !== null,
      },
      host: this.#host,
      connector: () => connector,
      connection(name) {
        if (given) return { name, kind: 'test', options: {} }
        throw new LightflusError('LF_CONNECTION_MISSING', name)
      },
      signal: this.#abort.signal,
      log: (level, operator, message) => this.#log.push(`${level} ${operator} ${message}`),
      publishRows: () => {},
      onOpened: () => {
        if (this.#uncommitted) this.tell({ type: 'committed', subtask, checkpoint: this.#uncommitted.checkpoint })
      },
      onSnapshot: (checkpoint, snapshot) =>
        this.tell({ type: 'acknowledged', subtask, checkpoint, ...this.#part(snapshot) }),
      onFinished: (snapshot) => this.tell({ type: 'finished', subtask, ...this.#part(snapshot) }),
      onCommitted: (checkpoint) => this.tell({ type: 'committed', subtask, checkpoint }),
      alignment: this.#alignment.port(chainId, index),
      interpreted,
      ...(batchRecordsMax === undefined ? {} : { batchRecordsMax }),
    })
  }

  #channel(edge: ChainEdge, from: number, to: number): MemoryChannel {
    const name = `${edge.id} ${from} ${to}`
    let channel = this.#channels.get(name)
    if (channel === undefined) this.#channels.set(name, (channel = new MemoryChannel(2, this.#wanted(edge))))
    return channel
  }

  /** In order, but barriers that come through channels may overtake it. */
  #tellLater(subtasks: readonly SubtaskAddress[], tell: (subtask: Subtask) => void): void {
    void (async () => {
      for (let times = 0; times < 10; times++) await aWhile()
      if (this.#abort.signal.aborted) return
      for (const subtask of subtasks) tell(this.#subtasks.get(subtaskId(subtask))!)
    })()
  }

  #part(snapshot: SubtaskSnapshot): { readonly snapshot: number; readonly outputs: readonly string[] } {
    return { snapshot: this.#snapshots.push(structuredClone(snapshot)) - 1, outputs: sinksWithOutput(snapshot) }
  }

  #perform(effect: CheckpointEffect): void {
    switch (effect.type) {
      case 'injectBarrier':
        for (const subtask of effect.subtasks) this.#subtasks.get(subtaskId(subtask))!.triggerCheckpoint(effect.barrier)
        return
      case 'drainSources':
        for (const subtask of effect.subtasks) this.#subtasks.get(subtaskId(subtask))!.drain()
        return
      case 'writeManifest': {
        const { manifest } = effect
        const snapshots = manifest.subtasks.map(({ snapshot }) => this.#snapshots[snapshot as number])
        const { checkpoint } = manifest
        const entry = () => {
          this.#checkpoints.push({ manifest, snapshots })
          this.#jobLog.checkpoints.push({ manifest, snapshots })
        }
        return this.#write('checkpoint', entry, { type: 'manifestWritten', checkpoint })
      }
      case 'logCommitted': {
        const { checkpoint } = effect
        const entry = () => {
          this.#jobLog.committedTo = checkpoint
        }
        return this.#write('committed', entry, { type: 'commitLogged', checkpoint })
      }
      case 'notifyCompleted':
        return this.#tellLater(effect.subtasks, (subtask) => subtask.checkpointCompleted(effect.checkpoint))
      case 'notifyAborted':
        return this.#tellLater(effect.subtasks, (subtask) => subtask.checkpointAborted(effect.checkpoint))
      case 'endAttempt':
        return this.#ended.resolve(effect.ending)
      case 'failAttempt':
        return this.#ended.reject(new Error(`The attempt failed: ${effect.reason}`))
      case 'reportFailure':
        this.#log.push(`checkpoint ${effect.checkpoint} ${effect.reason}`)
        return
      case 'startTimer':
      case 'stopTimer':
      case 'discardSnapshots':
        // Nothing expires in virtual time, and the test keeps what it has stored.
        return
    }
  }
}

/** Long enough for everything else to go on for a bit. */
async function aWhile(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await Promise.resolve()
}

/** Thrown at a step, it is the end of the attempt there. */
export const crashed = new Error('crashed by the test')
