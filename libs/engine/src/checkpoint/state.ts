import type { SubtaskAddress } from '../plan/plan.ts'
import type { CheckpointKind, Ending, SnapshotReference } from './protocol.ts'

/** All that the coordinator of one attempt knows of its checkpoints. Values are replaced, never changed. */
export interface CheckpointState {
  readonly job: string
  readonly attempt: number
  readonly parallelism: number
  readonly failuresInRowMax: number
  /** Every subtask, by id, in the plan's order. */
  readonly subtasks: ReadonlyMap<string, SubtaskAddress>
  /** Those that barriers enter by. */
  readonly sources: ReadonlyMap<string, SubtaskAddress>
  /** What subtasks that have read all their input left; `outputs` only as long as they are not committed. */
  readonly finished: ReadonlyMap<string, SubtaskPart>
  readonly nextCheckpoint: number
  readonly pending: PendingCheckpoint | null
  /** The newest checkpoint that exists, as long as not all of its output is committed and the log says so. */
  readonly committing: Committing | null
  /** A savepoint that waits for the checkpoint before it. */
  readonly requested: SavepointThen | null
  readonly draining: boolean
  /** Periodic checkpoints that have failed since the last one that came to exist. */
  readonly failuresInRow: number
  readonly lastCompleted: number | null
  readonly ended: Ending | 'FAILED' | null
}

export type SavepointThen = 'CONTINUE' | 'SUSPENDED' | 'STOPPED'

export interface PendingCheckpoint {
  readonly checkpoint: number
  readonly kind: CheckpointKind
  readonly ending: Ending | null
  /** `collecting`: snapshots are outstanding. `writing`: all are there, the manifest is being written. */
  readonly phase: 'collecting' | 'writing'
  /** By subtask id; those that had finished before are not among them. */
  readonly acknowledged: ReadonlyMap<string, SubtaskPart>
}

/** One subtask's snapshot, and the sinks that have output in it. */
export interface SubtaskPart {
  readonly snapshot: SnapshotReference
  readonly outputs: readonly string[]
}

export interface Committing {
  readonly checkpoint: number
  /** Set where the attempt ends once it is committed. */
  readonly ending: Ending | null
  /**
   * By id, subtasks whose sinks have not said that they are done; and whether that is about what they left when they
   * finished. None: the log is being told.
   */
  readonly waiting: ReadonlyMap<string, { readonly left: boolean }>
}
