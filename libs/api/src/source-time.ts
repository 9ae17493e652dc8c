import type { Duration } from './duration.ts'
import { duration, fn, optional } from './internal/options.ts'

/** How a source tells event time and its watermark. */
export interface SourceTimeOptions<T> {
  /** Event time of a record, milliseconds since the epoch. Default: the record's own timestamp, where the system has one. */
  readonly eventTime?: (value: T) => number
  /**
   * How far behind the newest record of a partition the watermark stays. Default 0: records of a partition come in order.
   * Raise it when `recordsLate` counts; lower it when results come too late.
   */
  readonly outOfOrderness?: Duration
  /** After how long at its log's end a partition no longer holds the watermark back. Default: never. */
  readonly idleness?: Duration
}

export const sourceTimeRules = {
  eventTime: optional(fn<(value: any) => number>(), undefined),
  outOfOrderness: optional(duration(), 0),
  idleness: optional(duration(1), null),
}

/** The graph's form of the time options. */
export const sourceTime = (resolved: { readonly outOfOrderness: number; readonly idleness: number | null }) => ({
  outOfOrdernessMs: resolved.outOfOrderness,
  idlenessMs: resolved.idleness,
})
