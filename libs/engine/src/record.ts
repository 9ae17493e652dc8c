/** Event time of a record that has none: below every watermark's start and every window. */
export const noTimestamp = Number.MIN_SAFE_INTEGER
/** The watermark that says: no record will come any more. */
export const maxWatermark = Number.MAX_SAFE_INTEGER

/**
 * Records handled in one call, as parallel arrays of one length. A batch belongs to whoever receives it: the sender
 * does not touch it again.
 */
export interface RecordBatch {
  readonly values: unknown[]
  /** Event time of each record, milliseconds since the epoch, or {@link noTimestamp}. */
  readonly timestamps: number[]
  /** Key of each record, after a keyBy. */
  readonly keys?: (string | number | boolean)[]
  /** Where each record came from (`orders/0@1284`), while it has not crossed an exchange: for error messages only. */
  readonly origin?: RecordOrigin
}

export interface RecordOrigin {
  /** The source's name for the partition, e.g. `orders/0`. */
  readonly partition: string
  /** Position in that partition of each record of the batch. */
  readonly positions: (number | string)[]
}

/** What flows between subtasks. Everything but a batch is ordered relative to the batches around it. */
export type StreamElement =
  | { readonly kind: 'batch'; readonly batch: RecordBatch }
  | { readonly kind: 'watermark'; readonly timestamp: number }
  /** `final`: the checkpoint after which this attempt ends (savepoint on suspend or stop, end of input). */
  | { readonly kind: 'barrier'; readonly checkpoint: number; readonly attempt: number; readonly final: boolean }
  | { readonly kind: 'end' }
