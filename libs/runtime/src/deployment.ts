import type { LightflusError } from '@lightflus/api'
import type { OperatorMetrics as SubtaskMetrics, PublishedRow, ResolvedConnection } from '@lightflus/engine'
import type { CheckpointStorage, ChosenCheckpoint } from '@lightflus/storage'
import type { Placement } from './placement.ts'

/** What a caller says of a deployment it wants to run in this process. */
export interface DeploymentOptions {
  /** Name of the job, as its program states it: the bundle's job must bear it (LF_GRAPH_MISMATCH otherwise). */
  readonly jobName: string
  /** Path of the bundle: one ESM file whose default export is the job. A sibling `.map` or an inline one is used. */
  readonly bundlePath: string
  /** sha256 hex of the graph's canonical text, as the version was checked with. Default: whatever the bundle builds. */
  readonly graphHash?: string
  /** Number of slots: threads, each of which runs one subtask of every chain. 1 to 128, the number of key groups. */
  readonly parallelism: number
  /** The named connections that the program uses, with their secrets. Default: none. */
  readonly connections?: readonly ResolvedConnection[]
  /**
   * Connectors beside those that Lightflus brings, or in their stead: by kind, the URL of a module whose default export is
   * the connector. Default: none.
   */
  readonly connectors?: { readonly [kind: string]: string }
  /** The job's own place for its log and checkpoints. */
  readonly storage: CheckpointStorage
  /**
   * Time between checkpoints, milliseconds; null: none but the final one of suspend, stop, drain and end of input. `auto`: 1 s
   * while checkpoints are small and quick, else 10 s. It becomes 10 s after one that stored more than 32 MiB or took
   * longer than 1 s, and 1 s again after one that stored at most 16 MiB in at most 0.5 s.
   */
  readonly checkpointIntervalMs: number | 'auto' | null
  /**
   * `newest`: from the newest checkpoint or savepoint, if there is one. `none`: afresh, ignoring older ones. A checkpoint or savepoint
   * by its number: from that one, ignoring all others (LF_RESTORE_UNKNOWN where it is not kept; LF_RESTORE_REPEATS where
   * sinks would write again what they may have committed since, exactly once, unless `acceptRepeats`).
   */
  readonly restore: 'newest' | 'none' | ChosenCheckpoint
  /**
   * Names of operators whose state may be in the checkpoint although the program does not have them, or as another kind:
   * it is dropped. `all` among them: of every such operator, but for output of sinks that is not yet committed, which is
   * dropped by name only. Without it such state is LF_RESTORE_MISMATCH. Default: none.
   */
  readonly dropState?: readonly string[]
  /**
   * Names the wish to start afresh or from a chosen checkpoint (`restore` not `newest`): the same one, started again after the loss of its process,
   * goes on from the checkpoints that it has made meanwhile. Default: a name of its own for each start.
   */
  readonly deploymentId?: string
  /** Upper bound of the JavaScript heap of one slot, bytes. Default 256 MiB, at least 32 MiB. Excludes buffers, but
   * keyed state, most of which is in buffers, may be three quarters of it. */
  readonly slotHeapBytesMax?: number
  /**
   * Where states of functions (`process`, `connect`, `connectBroadcast`) are kept. `memory`: in the slot, within three
   * quarters of its heap. `disk`: in files of {@link DeploymentOptions.stateFolder}, so that only an index and keys in use
   * are in memory; checkpoints store what is new. What other operators remember is in memory either way. A checkpoint made
   * in memory may be restored to disk, not the other way round. Default `memory`.
   */
  readonly stateBackend?: 'memory' | 'disk'
  /**
   * A folder on a disk of this machine for state of backend `disk`, which is made where it is missing; several deployments
   * and processes of one machine may share it. Nothing in it outlives its process: whatever a dead one left is removed at the
   * start. Slots must be allowed to read and write it. Default: `lightflus-state` in the folder for temporary files.
   */
  readonly stateFolder?: string
  /**
   * Node options of the slots' threads, such as `--permission` and what it allows: a thread's permissions are apart
   * from its process's. So a program can be kept from files, processes and threads while the coordinator, which syncs
   * checkpoints to disk, is not (under the permission model Node refuses `fsync`). Default: those of the process.
   */
  readonly slotNodeOptions?: readonly string[]
  /** Which of several workers (processes, often on other machines) this one is. Default: there is no other. */
  readonly placement?: Placement
  readonly restart?: Partial<RestartPolicy>
  readonly limits?: Partial<DeploymentLimits>
  /**
   * Where a sink's standard output goes: this process's own, or {@link DeploymentOptions.onLog}. What the program
   * prints by `console` is always logged. Default `log`.
   */
  readonly standardOutput?: 'inherit' | 'log'
  /** Lines for a person: the program's console, connectors' notes, restarts. Bounded in rate. */
  readonly onLog?: (line: LogLine) => void
  /** Result rows of table sinks. */
  readonly onRows?: (sink: string, rows: readonly PublishedRow[]) => void
  /** Every change of {@link DeploymentHandle.state}, attempt or error. */
  readonly onState?: (change: StateChange) => void
  /** Every checkpoint that has come to exist. */
  readonly onCheckpoint?: (checkpoint: CheckpointInfo) => void
  /** Once more, with `commitMs`, as soon as all sinks have committed what they prepared for it; not where none had any. */
  readonly onCheckpointCommitted?: (checkpoint: CheckpointInfo) => void
  /** The last figures of an attempt: {@link DeploymentHandle.metrics} and `usage` begin again with the next. */
  readonly onAttemptEnd?: (end: AttemptFigures) => void
}

export interface AttemptFigures {
  readonly attempt: number
  readonly metrics: readonly OperatorMetrics[]
  readonly usage: Usage
  readonly checkpoints: CheckpointCounts
}

/** When and how often a failed attempt is followed by another. Errors of domain `user` never are. */
export interface RestartPolicy {
  /** Pause before the first restart, milliseconds; doubles with each failure in a row. Default 500. */
  readonly delayMs: number
  /** Longest pause, milliseconds. Default 30,000. */
  readonly delayMsMax: number
  /** Failures within {@link windowMs} after which the deployment ends FAILED. 0: it never restarts. Default 10. */
  readonly failuresMax: number
  /** Default 600,000 (10 minutes). */
  readonly windowMs: number
}

export interface DeploymentLimits {
  /** How long a slot may be silent before it counts as hung (LF_SLOT_UNRESPONSIVE), milliseconds. Default 30,000. */
  readonly slotSilenceMsMax: number
  /** How long a slot may take to import the bundle and to restore, milliseconds. Default 60,000. */
  readonly slotStartMsMax: number
  /**
   * How long one worker of several may be silent before it counts as lost (LF_PEER_LOST), and how long a worker goes on
   * that hears nothing of its coordinator, milliseconds. Default 10,000.
   */
  readonly workerSilenceMsMax: number
  /** How long a checkpoint may take before it is given up (LF_CHECKPOINT_EXPIRED), milliseconds. Default 600,000. */
  readonly checkpointMsMax: number
  /**
   * Least time from the end of a checkpoint to the start of the next periodic one, milliseconds: raise it where
   * checkpoints take so long that records get too little time between them. Default 0.
   */
  readonly checkpointPauseMsMin: number
  /** Checkpoints kept beside savepoints, at least 1. Default 3. */
  readonly checkpointsKept: number
  /** Savepoints kept, at least 1; beyond that the oldest goes. Default 10. */
  readonly savepointsKept: number
  /** Lines per second that reach {@link DeploymentOptions.onLog} from one slot; more are counted and dropped. Default 100. */
  readonly logLinesPerSecondMax: number
}

/** The names that the worker protocol reports. */
export type RunningState = 'STARTING' | 'RUNNING' | 'RESTARTING'
export type FinalState = 'SUSPENDED' | 'STOPPED' | 'DRAINED' | 'CANCELLED' | 'FINISHED' | 'FAILED'
export type DeploymentState = RunningState | FinalState

export interface StateChange {
  readonly state: DeploymentState
  readonly attempt: number
  /** Why it is RESTARTING or FAILED. */
  readonly error: LightflusError | undefined
}

export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly level: 'info' | 'warn' | 'error'
  /** The operator that it is about, if known. */
  readonly operator: string | null
  readonly message: string
}

export interface CheckpointInfo {
  readonly checkpoint: number
  readonly attempt: number
  readonly kind: 'checkpoint' | 'savepoint'
  /** Milliseconds since the epoch. */
  readonly completedAt: number
  readonly durationMs: number
  /** Stored size of all of its files, those that it shares with checkpoints before it included. */
  readonly bytes: number
  /** Of these what was stored for it. */
  readonly bytesNew: number
  /** Path of the manifest in the storage. */
  readonly location: string
  /**
   * From a subtask's first barrier to its last, the longest of all subtasks, milliseconds: how long inputs that were ahead
   * waited for those behind. 0 where the job has no exchange.
   */
  readonly alignmentMs: number
  /** The longest that a subtask stood still while its snapshot was taken and copied, milliseconds. */
  readonly pauseMs: number
  /** From when it exists to when all sinks have committed its output, milliseconds; null before, and where there is none. */
  readonly commitMs: number | null
}

/** Checkpoints of an attempt, since it began. */
export interface CheckpointCounts {
  readonly completed: number
  /** Given up after they had begun, while the attempt went on. */
  readonly failed: number
  /** The last of these; `at` in milliseconds since the epoch. */
  readonly lastFailure: { readonly checkpoint: number; readonly at: number; readonly reason: string } | null
}

/** Counters of one operator, over all subtasks, since the attempt began; the watermark is the smallest. */
export type OperatorMetrics = Readonly<SubtaskMetrics>

/** What is metered, cumulative since the attempt began. */
export interface Usage {
  readonly slotSeconds: number
  readonly recordsIn: number
  readonly recordsOut: number
  readonly bytesIn: number
  readonly bytesOut: number
}

export interface Outcome {
  readonly state: FinalState
  readonly attempt: number
  /** Set exactly when the state is FAILED. */
  readonly error: LightflusError | undefined
  /** The checkpoint or savepoint with which it ended, if it ended with one. */
  readonly checkpoint: CheckpointInfo | undefined
}

/**
 * A deployment that runs in this process. Each of the four requests to end it resolves with the outcome, which may be another
 * than was asked for (the job may fail or reach the end of its input first); a later request overrides an earlier one
 * where it is more urgent (cancel over stop, drain, suspend). None of them rejects.
 */
export interface DeploymentHandle {
  /** Number of the running attempt; 0 until the first has claimed the job. */
  readonly attempt: number
  readonly state: DeploymentState
  /** Why it is RESTARTING or FAILED. */
  readonly error: LightflusError | undefined
  metrics(): readonly OperatorMetrics[]
  usage(): Usage
  checkpoints(): CheckpointCounts
  /**
   * A savepoint, after which the job goes on. A restart in between takes it after the restart.
   * Rejects with LF_SAVEPOINT_FAILED where the deployment ends without one.
   */
  savepoint(): Promise<CheckpointInfo>
  /** Savepoint, then pause: a new deployment goes on from it. */
  suspend(): Promise<Outcome>
  /** Savepoint, then end for good. */
  stop(): Promise<Outcome>
  /** Reads no more, fires every window by a last watermark, commits, ends. */
  drain(): Promise<Outcome>
  /** Ends at once, without a savepoint. */
  cancel(): Promise<Outcome>
  /** Resolves once every thread has ended; never rejects. */
  readonly done: Promise<Outcome>
}
