import type { Json } from '@lightflus/api'
import type { SubtaskAddress } from '../plan/plan.ts'
import type { Barrier } from '../record.ts'
import type { CheckpointFailureReason } from './failure-reasons.ts'

/** Where the runtime stored a subtask's snapshot, and what it needs to read it again. Opaque to the protocol. */
export type SnapshotReference = Json

/**
 * `checkpoint`: periodic. `savepoint`: asked for by the user. `final`: made of what finished subtasks left, at the end
 * of input or of a drain.
 */
export type CheckpointKind = 'checkpoint' | 'savepoint' | 'final'

/** With what the attempt ends once its last checkpoint exists. */
export type Ending = 'SUSPENDED' | 'STOPPED' | 'DRAINED' | 'FINISHED'

/** List of a checkpoint's snapshots. The checkpoint exists once the log's entry names it. */
export interface CheckpointManifest {
  readonly job: string
  readonly attempt: number
  readonly checkpoint: number
  readonly kind: CheckpointKind
  /** Set where the attempt ends with this checkpoint. */
  readonly ending: Ending | null
  readonly parallelism: number
  /** Every subtask of the attempt, in the plan's order. */
  readonly subtasks: readonly ManifestSubtask[]
  /** Sinks that have prepared output for it, which is committed once it exists. */
  readonly outputs: readonly string[]
}

export interface ManifestSubtask extends SubtaskAddress {
  /** It had finished before this checkpoint's barrier; its snapshot is the one it left. */
  readonly finished: boolean
  readonly snapshot: SnapshotReference
}

/**
 * What the coordinator tells the protocol. Events of one subtask come in the order in which the subtask made them: a
 * `finished` that overtook an `acknowledged` would stand for it and lose records.
 */
export type CheckpointEvent =
  /** The interval has passed. */
  | { readonly type: 'intervalElapsed' }
  /** A user wants a savepoint, and the attempt to go on or to end with it. Remembered until it can start. */
  | { readonly type: 'savepointRequested'; readonly then: 'CONTINUE' | 'SUSPENDED' | 'STOPPED' }
  | { readonly type: 'drainRequested' }
  | {
      readonly type: 'acknowledged'
      readonly subtask: SubtaskAddress
      readonly checkpoint: number
      readonly snapshot: SnapshotReference
      /** What `sinksWithOutput` says of the snapshot; here and in `finished`. Default: none. */
      readonly outputs?: readonly string[]
    }
  /** A subtask could not store its snapshot but runs on. */
  | { readonly type: 'declined'; readonly subtask: SubtaskAddress; readonly checkpoint: number }
  /** A subtask has read all its input; this is the snapshot that it left. */
  | {
      readonly type: 'finished'
      readonly subtask: SubtaskAddress
      readonly snapshot: SnapshotReference
      readonly outputs?: readonly string[]
    }
  /** The timer that `startTimer` asked for has run out. */
  | { readonly type: 'expired'; readonly checkpoint: number }
  /** The log's entry exists. */
  | { readonly type: 'manifestWritten'; readonly checkpoint: number }
  /** The entry certainly does not exist. Where that is unknown the attempt has failed, and the log tells the next one. */
  | { readonly type: 'manifestFailed'; readonly checkpoint: number }
  /**
   * `onCommitted` of a subtask. Of the checkpoint that is restored, where its output may not be committed: the subtask is
   * open.
   */
  | { readonly type: 'committed'; readonly subtask: SubtaskAddress; readonly checkpoint: number }
  /** The log's entry exists that `logCommitted` asked for. */
  | { readonly type: 'commitLogged'; readonly checkpoint: number }
  /** A subtask, or the attempt as a whole, has failed or was cancelled: nothing more will be started. */
  | { readonly type: 'attemptFailed' }

export type CheckpointEffect =
  /** To the subtasks' mailboxes, `triggerCheckpoint`. */
  | { readonly type: 'injectBarrier'; readonly subtasks: readonly SubtaskAddress[]; readonly barrier: Barrier }
  /** `expired` is due after the checkpoint timeout; called off by `stopTimer`. */
  | { readonly type: 'startTimer'; readonly checkpoint: number }
  | { readonly type: 'stopTimer'; readonly checkpoint: number }
  /** Write manifest and log entry; answer `manifestWritten` or `manifestFailed`. */
  | { readonly type: 'writeManifest'; readonly manifest: CheckpointManifest }
  /** The checkpoint exists: `checkpointCompleted` of these subtasks. */
  | { readonly type: 'notifyCompleted'; readonly checkpoint: number; readonly subtasks: readonly SubtaskAddress[] }
  /** The checkpoint will never exist: `checkpointAborted` of these subtasks. */
  | { readonly type: 'notifyAborted'; readonly checkpoint: number; readonly subtasks: readonly SubtaskAddress[] }
  /**
   * All output of the checkpoint is committed: write the log's entry; answer `commitLogged`. Where that cannot be done the
   * attempt fails.
   */
  | { readonly type: 'logCommitted'; readonly checkpoint: number }
  /** Snapshots that no checkpoint will name. */
  | { readonly type: 'discardSnapshots'; readonly snapshots: readonly SnapshotReference[] }
  /** `drain` of these subtasks. */
  | { readonly type: 'drainSources'; readonly subtasks: readonly SubtaskAddress[] }
  /** For log and metrics; `checkpoint` is null where none was started. */
  | {
      readonly type: 'reportFailure'
      readonly checkpoint: number | null
      readonly kind: CheckpointKind
      readonly reason: CheckpointFailureReason
    }
  /** The attempt has ended well: its last checkpoint exists, and all output is committed. */
  | { readonly type: 'endAttempt'; readonly ending: Ending; readonly checkpoint: number }
  /** The attempt cannot go on: restart it from the newest checkpoint, then ask again for what was asked. */
  | { readonly type: 'failAttempt'; readonly reason: CheckpointFailureReason }
