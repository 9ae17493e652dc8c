import type { OperatorDefinition } from '@lightflus/api'
import type { SubtaskRestore, SubtaskSnapshot } from '../checkpoint/snapshot.ts'
import type { SinkCheckpoints } from '../sink-commits.ts'
import type { Connector, PublishedRow, ResolvedConnection } from '../connector.ts'
import type { PhysicalPlan } from '../plan/plan.ts'
import type { Barrier, RecordBatch } from '../record.ts'
import type { AlignmentPort } from '../watermark/alignment.ts'
import type { OperatorMetrics } from './metrics.ts'
import type { StateStore } from '../state-store/state-store.ts'
import type { StateBudget } from './state-budget.ts'
import type { Host, InputChannel, OutputChannel } from './ports.ts'

/** All that a subtask needs; it reaches nothing else. */
export interface SubtaskOptions {
  readonly plan: PhysicalPlan
  /** Id of the chain in the plan. */
  readonly chain: string
  /** Number of this subtask, 0 to the chain's parallelism - 1. */
  readonly index: number
  readonly attempt: number
  /** Closures by operator id, from a `build()` made for this subtask alone. */
  readonly operators: ReadonlyMap<string, OperatorDefinition>
  /** For each edge of the chain's `inputs`, one channel from each subtask of the sending chain, in order. */
  readonly inputs: readonly (readonly InputChannel[])[]
  /** For each edge of the chain's `outputs`, one channel to each subtask of the receiving chain, in order. */
  readonly outputs: readonly (readonly OutputChannel[])[]
  /** What `restoreSubtask` made of the checkpoint; undefined on a fresh start. */
  readonly restore: SubtaskRestore | undefined
  /** Absent: the job makes no checkpoints, so that its sinks write at least once. */
  readonly checkpoints?: SubtaskCheckpoints
  readonly host: Host
  /** Makes a store for the states of an operator. Absent: they are in memory. */
  readonly openStateStore?: ((operator: string) => StateStore) | undefined
  /** The connector of a kind. Throws where there is none. */
  readonly connector: (kind: string) => Connector
  /** A named connection. Throws LF_CONNECTION_MISSING where there is none. */
  readonly connection: (name: string) => ResolvedConnection
  /** Aborted to cancel. Channels and connectors then settle what is pending. */
  readonly signal: AbortSignal
  readonly log: (level: 'info' | 'warn' | 'error', operator: string, message: string) => void
  readonly publishRows: (sink: string, rows: readonly PublishedRow[]) => void
  /** Sees all that operators write to side outputs, also what nobody takes. */
  readonly onSideOutput?: (operator: string, output: string, batch: RecordBatch) => void
  /**
   * Its operators are open, so every outside system that it uses has answered, and what the restored checkpoint promised
   * of its sinks' output is committed; records flow from now on.
   */
  readonly onOpened?: () => void
  /** The subtask's part of a checkpoint: it refers to live state, so serialise or clone it before returning. */
  readonly onSnapshot: (checkpoint: number, snapshot: SubtaskSnapshot, times: SnapshotTimes) => void
  /**
   * All input is read and every sink has flushed; the same rule for the snapshot. `run` resolves after it; where sinks have
   * prepared output, only once that is committed.
   */
  readonly onFinished: (snapshot: SubtaskSnapshot) => void
  /** All that its sinks prepared for the checkpoint is committed. Called of checkpoints to which they gave any output. */
  readonly onCommitted?: (checkpoint: number) => void
  /**
   * Of a source that is aligned with others: its place among them, see `SourceAlignment`. Absent: it waits for none.
   */
  readonly alignment?: AlignmentPort | undefined
  /**
   * Calls operator by operator instead of generating code for chains: what generated code is compared with. Default false;
   * where code must not be made of text (a page's Content-Security-Policy) it is always so.
   */
  readonly interpreted?: boolean
  /**
   * Whoever is given snapshots takes frozen state, which is copied after `onSnapshot` has returned: `begin` within it.
   * Default false: all state is there at once.
   */
  readonly freezesState?: boolean
  /** Shared by all subtasks of a slot. Absent: state is not bounded. */
  readonly stateBudget?: StateBudget
  /** Most records that a source's `poll` is asked for. Default 1,024. */
  readonly batchRecordsMax?: number
}

/** What a checkpoint has cost one subtask, milliseconds. */
export interface SnapshotTimes {
  /** From its first barrier to its last, during which channels that had brought theirs waited. 0 of sources. */
  readonly alignmentMs: number
  /** How long the subtask stood still for the snapshot to be taken; what `onSnapshot` itself takes is not in it. */
  readonly snapshotMs: number
}

/** What a subtask is told of the job's checkpoints, for its sinks. */
export interface SubtaskCheckpoints extends Omit<SinkCheckpoints, 'intervalMs'> {
  /** Null: none but the last one. Sinks are then given no {@link SinkCheckpoints}. */
  readonly intervalMs: number | null
  /** Number of the attempt's first checkpoint. */
  readonly first: number
  /** What sinks prepared for checkpoints up to this one is all committed, as the log says; 0: of none. */
  readonly committedTo: number
  /** The most subtasks that a chain had in any attempt of the job so far. */
  readonly subtasksMax: number
  /** The attempt only commits what the restored checkpoint promised, and ends. Default false. */
  readonly endsOnceCommitted?: boolean
}

/** `finished`: read to the end. `stopped`: ended by a final barrier, or with nothing to do but to commit. `cancelled`: its signal was aborted. */
export type SubtaskOutcome = 'finished' | 'stopped' | 'cancelled'

/** One instance of a chain. The methods beside `run` only leave a note that its loop picks up. */
export interface Subtask {
  /** Runs to the end; call once. Rejects with a LightflusError when anything fails; operators are closed either way. */
  run(): Promise<SubtaskOutcome>
  /** Sources only: puts a barrier into the stream after the batch that is under way. */
  triggerCheckpoint(barrier: Barrier): void
  /** The checkpoint exists: its sinks begin at once to commit. Of each barrier this or the next must be told. */
  checkpointCompleted(checkpoint: number): void
  /** The checkpoint will never exist. */
  checkpointAborted(checkpoint: number): void
  /** Sources only: reads no more, and ends as if all input had been read. */
  drain(): void
  /** One per operator of the chain, in its order; the numbers change while it runs. */
  readonly metrics: readonly OperatorMetrics[]
}
