import { LightflusError, type BuiltJob, type JobDefinition, type OperatorDefinition } from '@lightflus/api'
import {
  createSubtask,
  planJob,
  restoreSubtask,
  startCheckpoints,
  stepCheckpoints,
  subtaskId,
  subtasksOf,
  type ChainEdge,
  type CheckpointEffect,
  type CheckpointEvent,
  type Connector,
  type OperatorMetrics,
  type PhysicalPlan,
  type RecordBatch,
  type Subtask,
  type SubtaskAddress,
  type SubtaskSnapshot,
} from '@lightflus/engine'
import { Channel } from './channel.ts'
import { PendingCalls, turn } from './turn.ts'
import type { VirtualHost } from './virtual-host.ts'

/** The state of all subtasks at one cut through the stream. */
export interface StoredCheckpoint {
  readonly checkpoint: number
  readonly subtasks: readonly SubtaskSnapshot[]
}

export interface TestAttemptOptions {
  readonly job: JobDefinition
  readonly plan: PhysicalPlan
  readonly host: VirtualHost
  readonly connector: (calls: PendingCalls) => Connector
  readonly restore: StoredCheckpoint | undefined
  readonly onSideOutput: (operator: string, output: string, batch: RecordBatch) => void
  /** The operator as it is to run. */
  readonly adapt: (operator: OperatorDefinition, calls: PendingCalls) => OperatorDefinition
}

/** One attempt of a job in this thread: every subtask with channels in between, and the checkpoint protocol. */
export class TestAttempt {
  readonly #options: TestAttemptOptions
  readonly #calls = new PendingCalls()
  readonly #abort = new AbortController()
  readonly #channels = new Map<string, Channel>()
  readonly #subtasks = new Map<string, Subtask>()
  /** Subtasks whose operators are not open yet. */
  #opening: number
  #failure: unknown
  #snapshots: SubtaskSnapshot[] = []
  #latest: StoredCheckpoint | undefined
  #protocol

  /** @throws what the subtasks cannot be made with. */
  constructor(options: TestAttemptOptions) {
    this.#options = options
    const { plan, restore } = options
    this.#protocol = startCheckpoints({ plan, attempt: 1, firstCheckpoint: (restore?.checkpoint ?? 0) + 1 })
    const addresses = subtasksOf(plan)
    this.#opening = addresses.length
    for (const address of addresses) this.#subtasks.set(subtaskId(address), this.#create(address))
  }

  /** Starts every subtask. Resolves when they are open and wait for input. */
  async start(): Promise<void> {
    for (const subtask of this.#subtasks.values()) subtask.run().catch((thrown: unknown) => this.#fail(thrown))
    do await this.settle()
    while (this.#opening > 0)
  }

  /**
   * Lets the job go on until it waits for input or for time to pass.
   * @throws what has ended the job, also again and again.
   */
  async settle(): Promise<void> {
    const { host } = this.#options
    do {
      await turn()
      if (this.#failure !== undefined) throw this.#failure
      host.moveTo(host.clock.now())
    } while (host.nextDue <= host.clock.now() || (await this.#calls.settled()))
  }

  /** Settles; while that is not enough, time moves on to the next moment for which something waits. */
  async settleUntil(done: () => boolean): Promise<void> {
    const { host } = this.#options
    await this.settle()
    while (!done()) {
      if (host.nextDue === Infinity)
        throw new LightflusError('LF_TEST_USAGE', `Job ${this.#options.plan.job} waits for what will never come.`)
      host.moveTo(host.nextDue)
      await this.settle()
    }
  }

  async advanceTo(time: number): Promise<void> {
    const { host } = this.#options
    for (;;) {
      await this.settle()
      if (host.nextDue > time) break
      host.moveTo(host.nextDue)
    }
    host.moveTo(time)
    await this.settle()
  }

  get hasFinished(): boolean {
    return this.#protocol.ended !== null
  }

  async snapshot(): Promise<StoredCheckpoint> {
    await this.settle()
    if (!this.hasFinished) {
      const before = this.#latest
      this.#tell({ type: 'savepointRequested', then: 'CONTINUE' })
      await this.settleUntil(() => this.#latest !== before)
    }
    return this.#latest!
  }

  get metrics(): readonly OperatorMetrics[] {
    return [...this.#subtasks.values()].flatMap(({ metrics }) => metrics)
  }

  #create(address: SubtaskAddress): Subtask {
    const { plan, host, restore, onSideOutput } = this.#options
    const connector = this.#options.connector(this.#calls)
    const { inputs, outputs } = plan.chains.find(({ id }) => id === address.chain)!
    const others = Array.from({ length: plan.parallelism }, (_, other) => other)
    return createSubtask({
      plan,
      ...address,
      attempt: 1,
      operators: this.#operators(),
      inputs: inputs.map((edge) => others.map((from) => this.#channel(edge, from, address.index))),
      outputs: outputs.map((edge) => others.map((to) => this.#channel(edge, address.index, to))),
      // A copy: what is restored becomes the subtask's own, and a test may restore a snapshot twice.
      restore: restore && restoreSubtask(plan, structuredClone(restore.subtasks), address),
      host,
      connector: () => connector,
      connection: (name) => ({ name, kind: 'test', options: {} }),
      signal: this.#abort.signal,
      log: () => {},
      publishRows: () => {},
      onSideOutput,
      onOpened: () => {
        this.#opening--
      },
      onSnapshot: (checkpoint, snapshot) =>
        this.#tell({ type: 'acknowledged', subtask: address, checkpoint, snapshot: this.#store(snapshot) }),
      onFinished: (snapshot) => this.#tell({ type: 'finished', subtask: address, snapshot: this.#store(snapshot) }),
    })
  }

  /** Of a build of their own, so that subtasks share no closures, as in slots. */
  #operators(): BuiltJob['operators'] {
    const { job, adapt } = this.#options
    return new Map([...job.build().operators].map(([id, operator]) => [id, adapt(operator, this.#calls)]))
  }

  #channel({ id }: ChainEdge, from: number, to: number): Channel {
    const name = `${id} ${from} ${to}`
    const channel = this.#channels.get(name) ?? new Channel()
    this.#channels.set(name, channel)
    return channel
  }

  #store(snapshot: SubtaskSnapshot): number {
    return this.#snapshots.push(structuredClone(snapshot)) - 1
  }

  #fail(thrown: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = thrown
    this.#abort.abort()
    for (const channel of this.#channels.values()) channel.cancel()
    this.#tell({ type: 'attemptFailed' })
  }

  #tell(event: CheckpointEvent): void {
    const { state, effects } = stepCheckpoints(this.#protocol, event)
    this.#protocol = state
    for (const effect of effects) this.#perform(effect)
  }

  #perform(effect: CheckpointEffect): void {
    switch (effect.type) {
      case 'injectBarrier':
        for (const subtask of effect.subtasks) this.#subtasks.get(subtaskId(subtask))!.triggerCheckpoint(effect.barrier)
        return
      case 'writeManifest': {
        const { checkpoint, subtasks } = effect.manifest
        this.#latest = { checkpoint, subtasks: subtasks.map(({ snapshot }) => this.#snapshots[snapshot as number]) }
        return this.#tell({ type: 'manifestWritten', checkpoint })
      }
      case 'notifyCompleted':
        for (const subtask of effect.subtasks)
          this.#subtasks.get(subtaskId(subtask))!.checkpointCompleted(effect.checkpoint)
        return
      case 'notifyAborted':
      case 'logCommitted':
      // Stand-ins for sinks commit nothing.
      case 'drainSources':
      case 'startTimer':
      case 'stopTimer':
      case 'discardSnapshots':
      case 'reportFailure':
      case 'endAttempt':
      case 'failAttempt':
        // Nothing is drained and nothing expires here; how the attempt ends stands in the protocol's state.
        return
    }
  }
}

/** The plan of a job, with the say of the test on whether its sources end. */
export function planTest(built: BuiltJob, parallelism: number, bounded: boolean | undefined): PhysicalPlan {
  const plan = planJob(built.graph, parallelism)
  return bounded === undefined ? plan : { ...plan, bounded }
}
