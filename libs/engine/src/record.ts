import type { ChangeKind, Key } from '@lightflus/api'
import type { ScanColumns } from './scan/scan-types.ts'

/** Event time of a record that has none: below every watermark's start and every window. */
export const noTimestamp = Number.MIN_SAFE_INTEGER
/** The watermark before any was known: it claims nothing. */
export const minWatermark = Number.MIN_SAFE_INTEGER
/** The watermark that says: no record will come any more. */
export const maxWatermark = Number.MAX_SAFE_INTEGER

/**
 * Records handled in one call, as parallel arrays of one length. A batch never changes once it was emitted, since
 * several consumers may share it; so an operator that leaves records out makes a new one.
 */
export interface RecordBatch {
  readonly values: readonly unknown[]
  /** Event time of each record, milliseconds since the epoch, or {@link noTimestamp}. */
  readonly timestamps: readonly number[]
  /** Key of each record, after a keyBy. */
  readonly keys?: readonly Key[]
  /**
   * In a changelog: what each record does to its row. Absent: all are inserts. The two halves of an update stand side by
   * side in one batch, unless their keys led them to different subtasks; alone they mean delete and insert.
   */
  readonly changes?: readonly ChangeKind[]
  /**
   * Of partial results, which cross instead of records (`ChainEdge.combines`): how many records each stands for. A value is
   * then what a window's fold made of them, and the event time that of the slice in which they all lie.
   */
  readonly counts?: readonly number[]
  /** Where each record came from (`orders/0@1284`), while it has not crossed an exchange: for error messages only. */
  readonly origin?: RecordOrigin
  /** Where the texts of records are that their source has not decoded. */
  readonly scanned?: ScannedRows
}

/** Holds until the source is next polled, and goes only from one generated loop to the next, and to a sink. */
export interface ScannedRows {
  readonly columns: ScanColumns
  /** For each record the row that it was made of; -1: of its payload, whole. */
  readonly rows: readonly number[]
}

export interface RecordOrigin {
  /** The source's name for the partition, e.g. `orders/0`. */
  readonly partition: string
  /** Position in that partition of each record of the batch. */
  readonly positions: readonly (number | string)[]
}

/** Marker that cuts the stream: everything before it belongs to the checkpoint, nothing after it. */
export interface Barrier {
  readonly checkpoint: number
  readonly attempt: number
  /** The subtask ends once it has acknowledged: the savepoint of suspend and stop. */
  readonly final: boolean
}

/**
 * The sender's watermark, whole: repeats are harmless. An idle sender does not hold back its receiver's watermark until
 * it sends a watermark with `idle: false`, which it does before its next batch.
 */
export interface WatermarkElement {
  readonly kind: 'watermark'
  readonly timestamp: number
  readonly idle: boolean
}

/** What flows between subtasks. Everything but a batch is ordered relative to the batches around it. */
export type StreamElement =
  | { readonly kind: 'batch'; readonly batch: RecordBatch }
  | WatermarkElement
  | ({ readonly kind: 'barrier' } & Barrier)
  /** Nothing follows: the sender has read all its input. */
  | { readonly kind: 'end' }
