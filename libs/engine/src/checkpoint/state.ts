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
  /** What subtasks that have read all their input left. */
  readonly finished: ReadonlyMap<string, SnapshotReference>
  readonly nextCheckpoint: number
  readonly pending: PendingCheckpoint | null
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
  readonly acknowledged: ReadonlyMap<string, SnapshotReference>
}
