import { LightflusError } from './errors/lightflus-error.ts'
import { fitting, fn, optional, resolveOptions } from './internal/options.ts'

/**
 * How the watermark of a partition follows from its records. The watermark of the source is the least of its partitions.
 *
 * - `'monotonic'`: event times of a partition never go back, so each is the watermark. Same as `outOfOrderness: 0`.
 * - `'atEnd'`: none until the input has ended, for bounded input in any order whatever: nothing is late, and every
 *   window stays open until the end.
 * - {@link FieldWatermark}: records tell it.
 * - {@link CustomWatermark}: a rule of the program.
 */
export type Watermark<T> = 'monotonic' | 'atEnd' | FieldWatermark<T> | CustomWatermark<T, any>

/** Records tell the watermark: producers that know what they have sent put it into each record, or into some. */
export interface FieldWatermark<T> {
  /**
   * Milliseconds since the epoch: no earlier record will come in this partition. Null or undefined where the record tells
   * nothing. What is less than before has no effect.
   * @example watermark: { from: (reading) => reading.completeUntil }
   */
  readonly from: (value: T) => number | null | undefined
}

/**
 * A rule of the program. Both functions change the state in place, and may return a watermark, milliseconds since the
 * epoch; one that is less than before has no effect. The state of each partition is in every checkpoint, so it holds
 * only what structured clone can copy.
 * @example
 * const halfAMinuteBehind: CustomWatermark<Order, { newest: number }> = {
 *   state: () => ({ newest: 0 }),
 *   onRecord: (state, order) => void (state.newest = Math.max(state.newest, order.at)),
 *   onPeriodic: (state) => state.newest - 30_000,
 * }
 */
export interface CustomWatermark<T, S> {
  /** The state of a partition of which nothing was read. */
  readonly state: () => S
  /** For each record, in the partition's order. `timestamp`: its event time, null where it has none. */
  readonly onRecord: (state: S, value: T, timestamp: number | null) => number | null | void
  /** After each batch, and about every 50 ms while there is none. `now`: the worker's clock. */
  readonly onPeriodic?: (state: S, now: number) => number | null | void
}

/** The graph's form of a strategy; its functions stand beside it. */
export type WatermarkKind =
  | { readonly kind: 'boundedOutOfOrderness'; readonly outOfOrdernessMs: number }
  | { readonly kind: 'monotonic' | 'atEnd' | 'fromField' | 'custom' }

const isWatermark = (value: unknown): value is Watermark<any> =>
  value === 'monotonic' || value === 'atEnd' || (typeof value === 'object' && value !== null)

export const watermarkRule = optional(
  fitting(isWatermark, "'monotonic', 'atEnd', { from } or { state, onRecord, onPeriodic }"),
  undefined,
)

const fieldRules = { from: fn() }
const customRules = { state: fn(), onRecord: fn(), onPeriodic: optional(fn(), undefined) }

/** @throws LF_PROGRAM_OPTION where both are given, or the strategy is none. */
export function watermarkKind(
  owner: string,
  watermark: Watermark<any> | undefined,
  outOfOrderness: number | undefined,
): WatermarkKind {
  if (watermark === undefined) return { kind: 'boundedOutOfOrderness', outOfOrdernessMs: outOfOrderness ?? 0 }
  if (outOfOrderness !== undefined)
    throw new LightflusError('LF_PROGRAM_OPTION', `${owner}: 'watermark' and 'outOfOrderness' exclude each other.`)
  if (typeof watermark === 'string') return { kind: watermark }
  const isField = 'from' in watermark
  resolveOptions(`${owner}: watermark`, watermark, isField ? fieldRules : customRules)
  return { kind: isField ? 'fromField' : 'custom' }
}
