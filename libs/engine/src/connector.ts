import type { ChangeKind, Json, Key, OperatorDefinition } from '@lightflus/api'
import type { ScanDemand } from './scan/scan-types.ts'
import type { SinkCheckpoints, SinkCommits } from './sink-commits.ts'

/**
 * The port between engine and connectors. A connector is code for an outside system, bound by its kind; the engine
 * knows nothing else of it. All calls of one reader or writer come from one subtask, one after another.
 */
export interface Connector {
  readonly kind: string
  readonly createSource?: (context: ConnectorContext<'source'>) => SourceReader
  readonly createSink?: (context: ConnectorContext<'sink'>) => SinkWriter
  readonly createLookup?: (context: LookupContext) => Lookup
  /** What is wrong with a connection, for `lightflus connections test`; resolves when all is well. */
  readonly testConnection?: (connection: ResolvedConnection, signal: AbortSignal) => Promise<ConnectionReport>
}

export interface ConnectionReport {
  /** What answered, e.g. `Kafka 4.4, 1 broker, 12 topics`. */
  readonly summary: string
}

/** The kinds of operator that a connector stands behind. */
export type ConnectorRole = 'source' | 'sink' | 'lookup'

/** A named connection with its secrets, as only the worker that needs it sees it. */
export interface ResolvedConnection {
  readonly name: string
  readonly kind: string
  readonly options: { readonly [key: string]: Json }
}

export interface ConnectorContext<Role extends ConnectorRole> {
  readonly job: string
  readonly operator: OperatorDefinition<Role>
  readonly connection: ResolvedConnection | undefined
  readonly subtask: { readonly index: number; readonly parallelism: number }
  readonly clock: Clock
  /** Aborted when the attempt ends: every pending call must then settle soon. */
  readonly signal: AbortSignal
  /**
   * For sources: says that `poll` may have something again. Without it a reader that returned `undefined` is asked
   * again after about 50 ms.
   */
  readonly wake: () => void
  /**
   * For sources that yield values themselves: what is wanted of a value, and what the schema says of it, where both can be
   * told. A reader may then yield values that hold no more (`SourceBatch.isWanted`), once it has seen to it that each place
   * that `accepts` speaks of is of such a kind, and each number finite. Whole objects are named by their fields.
   */
  readonly wanted?: () => ScanDemand | undefined
  /** For sinks: what they need to write exactly once. Absent where a job makes no checkpoints. */
  readonly checkpoints?: SinkCheckpoints
  /**
   * Reports a record on which one of the program's functions threw, or that cannot be written (LF_SINK_VALUE): throws
   * where the operator's `onError` is `fail`, else counts the record as skipped and returns. Called once a record.
   * With `record` the message names it.
   */
  readonly rejectRecord: (thrown: unknown, record?: RejectedRecord) => void
  /** For what a person should read, not for errors that end the job: those are thrown. */
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void
  /** Hands result rows to whoever watches the job (console, CLI). Only the newest are kept; never back-pressure. */
  readonly publishRows: (rows: readonly PublishedRow[]) => void
}

export type RejectedRecord =
  /** Sinks: index in the `values` of the latest call of `write`. */
  | { readonly index: number }
  /** Sources: where it was read. */
  | { readonly partition: string; readonly position: number | string }

export interface PublishedRow {
  readonly at: number
  /** The row's identity where newer rows replace older ones; null: appended. */
  readonly key: string | null
  /** Null: the row of this key is gone. */
  readonly row: { readonly [column: string]: Json } | null
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}

/** Position in a partition: where to go on reading, as JSON. */
export type SourcePosition = Json
/** Positions by partition name. Subtasks' maps are merged on restore, so names are unique in the source. */
export type SourcePositions = { readonly [partition: string]: SourcePosition }

/**
 * Reads the partitions that its subtask owns. A connector spreads partitions over subtasks by a rule that all subtasks
 * evaluate alike (for numbered partitions: number modulo parallelism).
 */
export interface SourceReader {
  /** Whether the source ends once all partitions have ended. Otherwise a reader without partitions waits for new ones. */
  readonly bounded: boolean
  /**
   * It calls `wake` whenever `poll` may have something again or its partitions have changed, so it need not be asked in
   * between. Default false: a reader that had nothing is asked again after about 50 ms.
   */
  readonly wakesReliably?: boolean
  /**
   * @param restored positions of all subtasks from the checkpoint, or undefined on a fresh start. A reader takes those
   * of its own partitions; a partition without one starts at its beginning, whatever the start option says.
   */
  open(restored: SourcePositions | undefined): Promise<void>
  /**
   * The next batch of one partition. `undefined`: nothing there right now; the engine calls again after `wake` or, without
   * it, after about 50 ms. A promise only where bytes have to be fetched first; it settles within about 50 ms, so that
   * barriers are not held up.
   */
  poll(recordsMax: number): SourceBatch | undefined | Promise<SourceBatch | undefined>
  /**
   * Told where the source is aligned with others: nothing of these partitions is to be polled, until the next call says
   * otherwise. Of a reader without it the source can only be polled, or not, as a whole.
   */
  hold?(partitions: ReadonlySet<string>): void
  /** Partitions this subtask reads now, with what is known of each: drives watermark, idleness and end of input. */
  partitions(): readonly SourcePartition[]
  /** Where to go on after all that poll has returned so far. */
  positions(): SourcePositions
  /** After a checkpoint is complete: for display in the outside system only, never for restoring. */
  onCheckpointComplete?(positions: SourcePositions): void
  close(): Promise<void>
}

export interface SourcePartition {
  readonly name: string
  /** A bounded partition that has been read to its end. All partitions ended: the source ends. */
  readonly ended: boolean
  /** Everything in the log at this moment has been read: only then may the partition become idle. */
  readonly caughtUp: boolean
  /** Records between the position and the log's end, if the connector knows. */
  readonly lag?: number
  /**
   * What the system itself claims: no record with an earlier event time will follow in this partition. Default: what the
   * newest event time less the out-of-orderness claims, which counts beside it.
   */
  readonly watermark?: number
}

/**
 * Payloads as bytes in one buffer, so that reading them makes no object for each. They hold until the reader is next
 * polled or closed: the buffer may then be filled anew.
 */
export interface PackedPayloads {
  /** How many. */
  readonly length: number
  readonly bytes: Uint8Array
  /** Where each begins in `bytes`; -1: it is null. The arrays may be longer than `length`. */
  readonly starts: Int32Array
  readonly ends: Int32Array
}

export function isPacked(payloads: SourceBatch['payloads']): payloads is PackedPayloads {
  return !Array.isArray(payloads)
}

/** One payload by itself: a view where they are packed. */
export function payloadAt(payloads: SourceBatch['payloads'], index: number): unknown {
  if (!isPacked(payloads)) return payloads[index]
  const start = payloads.starts[index]
  return start === -1 ? null : payloads.bytes.subarray(start, payloads.ends[index])
}

export interface SourceBatch {
  readonly partition: string
  /** Payloads for the operator's `decode` (bytes, text), or values where the connector yields values itself. */
  readonly payloads: readonly unknown[] | PackedPayloads
  /** Position of each payload, for messages. */
  readonly positions: (number | string)[]
  /** The records' own timestamps, milliseconds since the epoch, where the system has them. */
  readonly timestamps?: number[]
  /** They are values made as `ConnectorContext.wanted` says: they are what the schema makes of them, and are not shown to it. */
  readonly isWanted?: true
  /** Size as read, for metering. */
  readonly bytes: number
}

/** JSON texts in UTF-8, in one buffer. */
export interface EncodedRecords {
  /** How many. */
  readonly length: number
  readonly bytes: Uint8Array
  /**
   * Where each begins and ends in `bytes`, in their order. Between them, and behind the last, is a line feed. The arrays may be
   * longer than `length`.
   */
  readonly starts: Int32Array
  readonly ends: Int32Array
}

/**
 * Writes what reaches it. Delivery is at least once: after `flush` everything written before is durable outside. With
 * `commits` it is exactly once, and what is written is seen outside only once its checkpoint exists.
 */
export interface SinkWriter {
  readonly commits?: SinkCommits
  open(): Promise<void>
  /** A promise is back-pressure: the subtask takes no further input until it settles. */
  write(
    values: readonly unknown[],
    timestamps: readonly number[],
    /** What each record does to its row; undefined: all are inserts. Only writers of sinks that accept changes get any. */
    changes: readonly ChangeKind[] | undefined,
  ): void | Promise<void>
  /**
   * The one function of the sink whose results it writes as JSON, and nothing else of a record. Where it is told, the
   * engine may make the texts itself and hand them to `writeEncoded` instead of calling `write`.
   */
  readonly encodes?: string
  /** As `write`, of texts that have been made: they hold until it returns, or until its promise settles. */
  writeEncoded?(records: EncodedRecords, timestamps: readonly number[]): void | Promise<void>
  /** At each barrier and at the end of input, unless it commits. Resolves when all that was written has been acknowledged. */
  flush(): Promise<void>
  /** Bytes written so far, for metering. */
  bytesWritten(): number
  close(): Promise<void>
}

/** A lookup never sees a record, so it has none to reject. */
export type LookupContext = Omit<ConnectorContext<'lookup'>, 'rejectRecord'>

/** Finds what an outside system holds for keys. */
export interface Lookup {
  open(): Promise<void>
  /**
   * For each key, in their order, what is held for it (bytes, text or a row, for the operator's `decode` and `schema`), or
   * null. Keys are distinct, and at least one. While the system is away it is asked again; a rejection ends the attempt.
   */
  find(keys: readonly Key[]): Promise<readonly unknown[]>
  close(): Promise<void>
}
