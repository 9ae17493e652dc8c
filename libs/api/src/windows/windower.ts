import { LightflusError } from '../errors/lightflus-error.ts'
import type { Json } from '../graph.ts'
import { fn, oneOf, optional, resolveOptions } from '../internal/options.ts'
import type { CalendarWindower } from './calendar.ts'
import type { CountWindower } from './count.ts'
import type { GlobalWindower } from './global.ts'
import type { SessionWindower } from './session.ts'
import type { SlidingWindower } from './sliding.ts'
import type { TumblingWindower } from './tumbling.ts'

/** Start (inclusive) and end (exclusive) of a window, milliseconds since the epoch. */
export interface TimeWindow {
  readonly start: number
  readonly end: number
}

/** Which time windows are cut of: that of the records, or that of the worker's clock when they arrive. */
export type WindowTime = 'event' | 'processing'
export const timeRule = optional(oneOf('event', 'processing'), 'event' as const)

/** A rule that assigns records to windows, as the graph shows it (session gaps that depend on the record aside). */
export type Windower<T> = TimeWindower<T> | GlobalWindower | CountWindower
export type TimeWindower<T> = TumblingWindower | SlidingWindower | SessionWindower<T> | CalendarWindower

/** What results tell of their window: nothing where it has no bounds in time. */
export type WindowOf<W extends Windower<any>> = W extends GlobalWindower | CountWindower ? null : TimeWindow

/** Whether records can come too late for such windows: those of event time are closed by the watermark. */
export function isOfEventTime(windower: Windower<any>): boolean {
  return windower.kind === 'calendar' || ('time' in windower && windower.time === 'event')
}

/** The graph's form of a windower, without its functions. @throws LF_PROGRAM_OPTION where it is none. */
export function windowerOptions(owner: string, windower: Windower<any>): Json {
  if (typeof windower !== 'object' || windower === null || typeof windower.kind !== 'string')
    throw new LightflusError('LF_PROGRAM_OPTION', `${owner}: takes a window such as tumbling('1m').`)
  const { gap, ...options } = windower as SessionWindower<unknown>
  if (gap !== undefined) resolveOptions(owner, { gap }, { gap: fn() })
  return options
}
