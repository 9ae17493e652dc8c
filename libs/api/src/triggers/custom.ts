import { fn, optional, resolveOptions } from '../internal/options.ts'
import type { Timers } from '../operators/process.ts'
import type { TimeWindow } from '../windows/windower.ts'
import type { Trigger } from './trigger-options.ts'

/** What becomes of a window: its result comes out, what it holds is dropped, both, or nothing (default). */
export type TriggerAction = 'continue' | 'fire' | 'purge' | 'fireAndPurge'

/** What a trigger's functions may reach. It is one object that changes from call to call: do not keep it. */
export interface TriggerContext<S> {
  /** What the trigger remembers of this window: change it in place, or set it. Only what structured clone can copy. */
  state: S
  /** Null where it has no bounds in time. */
  readonly window: TimeWindow | null
  /** Of the record; null where it has none, and in timers. */
  readonly timestamp: number | null
  /** Null before the first. */
  readonly watermark: number | null
  /** The worker's clock. */
  readonly processingTime: number
  /**
   * Call back `onEventTime` and `onProcessingTime` for this window, while it is kept; a time that has passed at once. A
   * function that is called back may set later times only.
   */
  readonly timers: Timers
}

/** A trigger of one's own. Its functions throw on behalf of the record or window that they are called for. */
export interface TriggerSpec<T, S> {
  /** What is remembered of a new window. Default: nothing (undefined). */
  readonly state?: () => S
  /** With each record of the window, before it is added. */
  readonly onRecord: (value: T, context: TriggerContext<S>) => TriggerAction | void
  readonly onEventTime?: (time: number, context: TriggerContext<S>) => TriggerAction | void
  readonly onProcessingTime?: (time: number, context: TriggerContext<S>) => TriggerAction | void
  /** What is remembered of two sessions that become one: session windows ask for it. Their timers are joined. */
  readonly merge?: (a: S, b: S) => S
}

const rules = {
  state: optional(fn(), undefined),
  onRecord: fn(),
  onEventTime: optional(fn(), undefined),
  onProcessingTime: optional(fn(), undefined),
  merge: optional(fn(), undefined),
}

/**
 * A trigger of one's own: functions that say after a record, or at a time that they asked for, what becomes of the window.
 * @example trigger.custom({ onRecord: (order: Order) => (order.amount > 1_000 ? 'fire' : 'continue') })
 */
export function custom<T, S = undefined>(spec: TriggerSpec<T, S>): Trigger<T> {
  resolveOptions('trigger.custom', spec, rules)
  return { kind: 'custom', functions: spec }
}
