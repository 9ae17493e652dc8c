import type { Graph, SerializedError } from '@lightflus/api'
import type {
  Barrier,
  OperatorMetrics,
  PublishedRow,
  ResolvedConnection,
  StateSegment,
  SubtaskCheckpoints,
} from '@lightflus/engine'
import type { EncodedFile } from '@lightflus/storage'
import type { SubtaskTimes } from '../attempt/checkpoint-ledger.ts'
import type { LogLine } from '../deployment.ts'
import type { Ingested } from '../ingest/ingest-positions.ts'
import type { SharedWays } from '../exchange/share-ways.ts'

/** What a slot's thread is started with. */
export interface SlotSetup {
  readonly job: string
  /** Number of the slot, 0 to parallelism - 1: it runs the subtask of that number of every chain. */
  readonly index: number
  readonly parallelism: number
  readonly bundleUrl: string
  readonly connections: readonly ResolvedConnection[]
  /** Modules of connectors beside those of Lightflus, by kind. */
  readonly connectors: { readonly [kind: string]: string }
  /** Operators whose state is dropped where the program does not have them: see the engine's `restoreSubtask`. */
  readonly dropState: readonly string[]
  /** Where states of functions are, in a folder of the attempt's own; undefined: in memory. */
  readonly stateFolder: string | undefined
  /** Most that its operators may hold in state, bytes. */
  readonly stateBytesMax: number
  /** One Int32 that the slot counts up while it is alive: see heartbeat.ts. */
  readonly heartbeat: SharedArrayBuffer
  readonly logLinesPerSecondMax: number
}

export type MessageToSlot =
  | {
      readonly type: 'start'
      readonly attempt: number
      /** What `shareOfSlot` made of the checkpoint; absent on a fresh start. */
      readonly restore: Uint8Array | undefined
      /** What the slots reach each other by; undefined where there is one. */
      readonly shared: SharedWays | undefined
      /** How far the sources are that wait for each other, of all slots: see the engine's `SourceAlignment`. */
      readonly alignment: SharedArrayBuffer
      readonly checkpoints: SubtaskCheckpoints
    }
  /** To the subtasks of these chains, as all of the next five. */
  | { readonly type: 'triggerCheckpoint'; readonly chains: readonly string[]; readonly barrier: Barrier }
  | { readonly type: 'checkpointCompleted'; readonly chains: readonly string[]; readonly checkpoint: number }
  | { readonly type: 'checkpointAborted'; readonly chains: readonly string[]; readonly checkpoint: number }
  /** What they handed over for it is stored, or will not be: segments of state may be deleted from the disk. */
  | { readonly type: 'snapshotStored'; readonly chains: readonly string[]; readonly checkpoint: number | 'finished' }
  | { readonly type: 'drain'; readonly chains: readonly string[] }
  /** All subtasks end at once; the thread is terminated once they have, or when it takes too long. */
  | { readonly type: 'cancel' }

export type MessageFromSlot =
  | { readonly type: 'built'; readonly graph: Graph; readonly graphHash: string }
  /** The subtasks of these chains run. */
  | { readonly type: 'started'; readonly chains: readonly string[] }
  /** All of them have reached what they read from and write to, and what the restored checkpoint promised is committed. */
  | { readonly type: 'opened' }
  /** `checkpoint: 'finished'`: what the subtask left when it had read all its input. */
  | {
      readonly type: 'snapshot'
      readonly chain: string
      readonly checkpoint: number | 'finished'
      readonly file: EncodedFile
      /** On the slot's disk, where they stay until `snapshotStored`. */
      readonly segments: readonly StateSegment[]
      /** Sinks that have output in it to commit. */
      readonly outputs: readonly string[]
      readonly times: SubtaskTimes
      /** Where its sources go on reading in the logs of endpoints, if they read any. */
      readonly ingested: Ingested | undefined
    }
  /** The subtask's sinks have committed all that they prepared for the checkpoint. */
  | { readonly type: 'committed'; readonly chain: string; readonly checkpoint: number }
  | {
      readonly type: 'snapshotFailed'
      readonly chain: string
      readonly checkpoint: number | 'finished'
      readonly error: SerializedError
    }
  | { readonly type: 'ended'; readonly chain: string }
  | { readonly type: 'failed'; readonly error: SerializedError }
  | { readonly type: 'metrics'; readonly operators: readonly OperatorMetrics[] }
  | { readonly type: 'log'; readonly line: LogLine }
  | { readonly type: 'rows'; readonly sink: string; readonly rows: readonly PublishedRow[] }
