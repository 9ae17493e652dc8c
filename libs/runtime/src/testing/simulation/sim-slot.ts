import {
  createSubtask,
  restoreSubtask,
  sinksWithOutput,
  StateBudget,
  type Chain,
  type Connector,
  type InputChannel,
  type OutputChannel,
  type PhysicalPlan,
  type SourceAlignment,
  type StateSegment,
  type Subtask,
  type SubtaskCheckpoints,
  type SubtaskSnapshot,
} from '@lightflus/engine'
import type { EncodedFile } from '@lightflus/storage'
import type { SubtaskTimes } from '../../attempt/checkpoint-ledger.ts'
import { deserializeShare } from '../../checkpoint/snapshot-codec.ts'
import { SnapshotCopies } from '../../slot/snapshot-copies.ts'
import type { MessageToSlot } from '../../slot/messages.ts'
import type { SimVersion } from './sim-jobs.ts'
import type { SegmentedState } from './sim-segments.ts'
import { Line, type Actor, type World } from './world.ts'

/** What a slot tells the coordinator; see `MessageFromSlot`, which has errors as data. */
export type FromSlot =
  | { readonly type: 'started'; readonly chains: readonly string[] }
  | { readonly type: 'opened' }
  | {
      readonly type: 'snapshot'
      readonly chain: string
      readonly checkpoint: number | 'finished'
      readonly file: EncodedFile
      readonly segments: readonly StateSegment[]
      readonly outputs: readonly string[]
      readonly times: SubtaskTimes
    }
  | { readonly type: 'committed'; readonly chain: string; readonly checkpoint: number }
  | { readonly type: 'ended'; readonly chain: string }
  | { readonly type: 'failed'; readonly thrown: unknown }

export interface SimSlotOptions {
  readonly world: World
  readonly actor: Actor
  readonly coordinator: Actor
  readonly version: SimVersion
  readonly plan: PhysicalPlan
  readonly index: number
  readonly interpreted: boolean
  readonly connector: Connector
  readonly onMessage: (message: FromSlot) => void
}

/** What a slot is wired with, and where it begins. */
export interface SlotStart {
  readonly restore: Uint8Array | undefined
  readonly checkpoints: SubtaskCheckpoints
  readonly alignment: SourceAlignment
  /** Absent: all state is in the snapshots themselves. */
  readonly segmented: SegmentedState | undefined
  readonly inputs: (chain: Chain) => InputChannel[][]
  readonly outputs: (chain: Chain) => OutputChannel[][]
  readonly cancelChannels: () => void
}

const noTimes: SubtaskTimes = { alignmentMs: 0, pauseMs: 0 }

/** Does what runtime/slot/slot.ts does, in simulated time: real subtasks, snapshots as they are stored. */
export class SimSlot {
  readonly index: number
  readonly actor: Actor
  readonly #options: SimSlotOptions
  readonly #cancel = new AbortController()
  readonly #subtasks = new Map<string, Subtask>()
  readonly #toHere: Line
  readonly #toCoordinator: Line
  readonly #copies: SnapshotCopies
  #looks = 0
  #unopened = 0
  #cancelChannels = (): void => undefined

  constructor(options: SimSlotOptions) {
    this.#options = options
    this.index = options.index
    this.actor = options.actor
    const { world, actor } = options
    this.#copies = new SnapshotCopies({
      budget: new StateBudget(Infinity),
      // Each look at it is a slice later, so that a few entries are copied at a time.
      elapsed: () => (this.#looks += 1),
      pause: () => world.wait(actor, world.dice.next() * 4),
    })
    this.#toHere = new Line(options.world, options.actor, 6)
    this.#toCoordinator = new Line(options.world, options.coordinator, 6)
  }

  post(message: Exclude<MessageToSlot, { type: 'start' }>): void {
    this.#toHere.send(() => this.#receive(message))
  }

  start(start: SlotStart): void {
    this.#toHere.send(() => {
      try {
        this.#start(start)
      } catch (thrown) {
        this.#tell({ type: 'failed', thrown })
      }
    })
  }

  #tell(message: FromSlot): void {
    this.#toCoordinator.send(() => this.#options.onMessage(message))
  }

  #receive(message: Exclude<MessageToSlot, { type: 'start' }>): void {
    if (message.type === 'cancel') {
      this.#cancel.abort()
      return this.#cancelChannels()
    }
    for (const chain of message.chains) {
      const subtask = this.#subtasks.get(chain)
      if (message.type === 'drain') subtask?.drain()
      else if (message.type === 'triggerCheckpoint') subtask?.triggerCheckpoint(message.barrier)
      else if (message.type === 'checkpointAborted') {
        this.#copies.abort(chain, message.checkpoint)
        subtask?.checkpointAborted(message.checkpoint)
      } else if (message.type === 'snapshotStored') this.#copies.stored(chain, message.checkpoint)
      else subtask?.checkpointCompleted(message.checkpoint)
    }
  }

  #start(start: SlotStart): void {
    const { plan, index } = this.#options
    const snapshots = start.restore && deserializeShare(start.restore)
    this.#cancelChannels = start.cancelChannels
    for (const chain of plan.chains.filter(({ parallelism }) => index < parallelism))
      this.#subtasks.set(chain.id, this.#create(chain, start, snapshots))
    this.#unopened = this.#subtasks.size
    for (const [chain, subtask] of this.#subtasks) void this.#run(chain, subtask)
    this.#tell({ type: 'started', chains: [...this.#subtasks.keys()] })
  }

  #create(chain: Chain, start: SlotStart, snapshots: SubtaskSnapshot[] | undefined): Subtask {
    const { world, actor, version, plan, index, interpreted, connector } = this.#options
    const { checkpoints, segmented } = start
    const { dropState = [] } = version
    const { committedTo } = checkpoints
    const restored =
      snapshots && restoreSubtask(plan, snapshots, { chain: chain.id, index }, { committedTo, dropState })
    const store = (checkpoint: number | 'finished', snapshot: SubtaskSnapshot): void =>
      this.#store(chain.id, checkpoint, segmented?.snapshot(snapshot) ?? snapshot)
    return createSubtask({
      plan,
      chain: chain.id,
      index,
      attempt: checkpoints.attempt,
      operators: version.definition.build().operators,
      inputs: start.inputs(chain),
      outputs: start.outputs(chain),
      restore:
        restored &&
        new Map(Array.from(restored, ([operator, each]) => [operator, segmented?.restored(operator, each) ?? each])),
      checkpoints,
      host: {
        clock: { now: world.now },
        yieldToHost: () => world.wait(actor, world.dice.next() * 2),
        after: (ms, callback) => world.after(actor, ms, callback),
      },
      connector: () => connector,
      connection: (name) => ({ name, kind: 'sim', options: {} }),
      alignment: start.alignment.port(chain.id, index),
      signal: this.#cancel.signal,
      log: () => undefined,
      publishRows: () => undefined,
      onOpened: () => {
        this.#unopened -= 1
        if (this.#unopened === 0) this.#tell({ type: 'opened' })
      },
      onSnapshot: store,
      onFinished: (snapshot) => store('finished', snapshot),
      onCommitted: (checkpoint) => this.#tell({ type: 'committed', chain: chain.id, checkpoint }),
      interpreted,
      freezesState: segmented === undefined,
    })
  }

  async #run(chain: string, subtask: Subtask): Promise<void> {
    try {
      await subtask.run()
    } catch (thrown) {
      this.#tell({ type: 'failed', thrown })
    }
    this.#tell({ type: 'ended', chain })
  }

  #store(chain: string, checkpoint: number | 'finished', snapshot: SubtaskSnapshot): void {
    const outputs = sinksWithOutput(snapshot)
    void this.#copies.store(chain, checkpoint, snapshot, 0).then((stored) => {
      if (!stored) return
      const { file, segments } = stored
      this.#tell({ type: 'snapshot', chain, checkpoint, file, segments, outputs, times: noTimes })
    })
  }
}
