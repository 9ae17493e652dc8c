import { LightflusError, type JobDefinition } from '@lightflus/api'
import type { CheckpointEffect, CheckpointEvent, CheckpointManifest, Ending } from '../checkpoint/protocol.ts'
import type { Connector } from '../connector.ts'
import { restoreSubtask } from '../checkpoint/restore.ts'
import type { SubtaskSnapshot } from '../checkpoint/snapshot.ts'
import { startCheckpoints, step } from '../checkpoint/step.ts'
import { edgeDemands } from '../field-use/edge-demands.ts'
import { planJob } from '../plan/plan-job.ts'
import { subtaskId, subtasksOf, type ChainEdge, type PhysicalPlan } from '../plan/plan.ts'
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
    this.#state = startCheckpoints({
      plan: this.#plan,
      attempt,
      firstCheckpoint: (options.restore?.manifest.checkpoint ?? 0) + 1,
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

  /** Gives the protocol an event and performs what it asks for. */
  tell(event: CheckpointEvent): void {
    const { state, effects } = step(this.#state, event)
    this.#state = state
    for (const effect of effects) this.#perform(effect)
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
    return createSubtask({
      plan: this.#plan,
      chain: chainId,
      index,
      attempt,
      operators: job.build().operators,
      inputs: chain.inputs.map((edge) => others.map((from) => this.#channel(edge, from, index))),
      outputs: chain.outputs.map((edge) => others.map((to) => this.#channel(edge, index, to))),
      // A copy: what is restored becomes the subtask's own and changes in place.
      restore: restore && restoreSubtask(this.#plan, structuredClone(restore.snapshots), { chain: chainId, index }),
      host: this.#host,
      connector: () => connector,
      connection(name) {
        if (given) return { name, kind: 'test', options: {} }
        throw new LightflusError('LF_CONNECTION_MISSING', name)
      },
      signal: this.#abort.signal,
      log: (level, operator, message) => this.#log.push(`${level} ${operator} ${message}`),
      publishRows: () => {},
      onSnapshot: (checkpoint, snapshot) =>
        this.tell({
          type: 'acknowledged',
          subtask: { chain: chainId, index },
          checkpoint,
          snapshot: this.#store(snapshot),
        }),
      onFinished: (snapshot) =>
        this.tell({ type: 'finished', subtask: { chain: chainId, index }, snapshot: this.#store(snapshot) }),
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

  #store(snapshot: SubtaskSnapshot): number {
    return this.#snapshots.push(structuredClone(snapshot)) - 1
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
        this.#checkpoints.push({ manifest, snapshots })
        return this.tell({ type: 'manifestWritten', checkpoint: manifest.checkpoint })
      }
      case 'notifyCompleted':
        for (const subtask of effect.subtasks)
          this.#subtasks.get(subtaskId(subtask))!.checkpointCompleted(effect.checkpoint)
        return
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

const crashed = new Error('crashed by the test')
