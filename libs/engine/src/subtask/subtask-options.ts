import type { OperatorDefinition } from '@lightflus/api'
import type { SubtaskRestore, SubtaskSnapshot } from '../checkpoint/snapshot.ts'
import type { Connector, PublishedRow, ResolvedConnection } from '../connector.ts'
import type { PhysicalPlan } from '../plan/plan.ts'
import type { Barrier, RecordBatch } from '../record.ts'
import type { AlignmentPort } from '../watermark/alignment.ts'
import type { OperatorMetrics } from './metrics.ts'
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
  readonly host: Host
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
  /** Its operators are open, so every outside system that it uses has answered; records flow from now on. */
  readonly onOpened?: () => void
  /** The subtask's part of a checkpoint: it refers to live state, so serialise or clone it before returning. */
  readonly onSnapshot: (checkpoint: number, snapshot: SubtaskSnapshot) => void
  /** All input is read and every sink has flushed; the same rule for the snapshot. `run` resolves after it. */
  readonly onFinished: (snapshot: SubtaskSnapshot) => void
  /**
   * Of a source that is aligned with others: its place among them, see `SourceAlignment`. Absent: it waits for none.
   */
  readonly alignment?: AlignmentPort | undefined
  /**
   * Calls operator by operator instead of generating code for chains: what generated code is compared with. Default false;
   * where code must not be made of text (a page's Content-Security-Policy) it is always so.
   */
  readonly interpreted?: boolean
  /** Shared by all subtasks of a slot. Absent: state is not bounded. */
  readonly stateBudget?: StateBudget
  /** Most records that a source's `poll` is asked for. Default 1,024. */
  readonly batchRecordsMax?: number
}

/** `finished`: read to the end. `stopped`: ended by a final barrier. `cancelled`: its signal was aborted. */
export type SubtaskOutcome = 'finished' | 'stopped' | 'cancelled'

/** One instance of a chain. The methods beside `run` only leave a note that its loop picks up. */
export interface Subtask {
  /** Runs to the end; call once. Rejects with a LightflusError when anything fails; operators are closed either way. */
  run(): Promise<SubtaskOutcome>
  /** Sources only: puts a barrier into the stream after the batch that is under way. */
  triggerCheckpoint(barrier: Barrier): void
  /** The checkpoint exists. */
  checkpointCompleted(checkpoint: number): void
  /** Sources only: reads no more, and ends as if all input had been read. */
  drain(): void
  /** One per operator of the chain, in its order; the numbers change while it runs. */
  readonly metrics: readonly OperatorMetrics[]
}
