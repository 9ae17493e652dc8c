import type { Duration } from './duration.ts'
import { duration, fitting, fn, oneOf, optional, resolveOptions, whole } from './internal/options.ts'
import { LightflusError } from './errors/lightflus-error.ts'
import type { Json } from './graph.ts'

/** Start (inclusive) and end (exclusive) of a window, milliseconds since the epoch. */
export interface TimeWindow {
  readonly start: number
  readonly end: number
}

/** Which time windows are cut of: that of the records, or that of the worker's clock when they arrive. */
export type WindowTime = 'event' | 'processing'

/** A rule that assigns records to windows, as the graph shows it (session gaps that depend on the record aside). */
export interface TumblingWindower {
  readonly kind: 'tumbling'
  readonly sizeMs: number
  readonly offsetMs: number
  readonly time: WindowTime
}
export interface SlidingWindower {
  readonly kind: 'sliding'
  readonly sizeMs: number
  readonly slideMs: number
  readonly offsetMs: number
  readonly time: WindowTime
}
export interface SessionWindower<T> {
  readonly kind: 'session'
  /** Null where {@link gap} tells it. */
  readonly gapMs: number | null
  readonly gap?: (value: T) => number
  readonly time: WindowTime
}
export interface CalendarWindower {
  readonly kind: 'calendar'
  readonly unit: CalendarUnit
  readonly timeZone: string
  /** How long after the unit's begin the window begins, by the wall clock of the time zone. */
  readonly offsetMs: number
}
export type CalendarUnit = 'hour' | 'day' | 'week' | 'month' | 'year'
export interface GlobalWindower {
  readonly kind: 'global'
}
export interface CountWindower {
  readonly kind: 'count'
  readonly size: number
  /** Equal to size: tumbling. Less: every so many records the last `size` ones. */
  readonly slide: number
}
export type TimeWindower<T> = TumblingWindower | SlidingWindower | SessionWindower<T> | CalendarWindower
export type Windower<T> = TimeWindower<T> | GlobalWindower | CountWindower

/** What results tell of their window: nothing where it has no bounds in time. */
export type WindowOf<W extends Windower<any>> = W extends GlobalWindower | CountWindower ? null : TimeWindow

export interface TumblingOptions {
  /** Shifts every window's start, which else are multiples of the size since 1970-01-01T00:00Z. Less than the size. Default 0. */
  readonly offset?: Duration
  /** Default `'event'`. */
  readonly time?: WindowTime
}

const timeRule = optional(oneOf('event', 'processing'), 'event' as const)

/**
 * Windows of one size that follow each other without gap or overlap.
 * @param size at least 1 ms.
 * @example tumbling('1m')
 */
export function tumbling(size: Duration, options?: TumblingOptions): TumblingWindower {
  const { size: sizeMs } = resolveOptions('tumbling', { size }, { size: duration(1) })
  const { offset, time } = resolveOptions('tumbling', options, { offset: optional(duration(), 0), time: timeRule })
  return { kind: 'tumbling', sizeMs, offsetMs: offset % sizeMs, time }
}

/**
 * Windows of one size, of which a new one begins every `slide`: a record lies in several when the slide is less than the size.
 * @example sliding('1h', { every: '5m' })
 */
export function sliding(size: Duration, options: TumblingOptions & { readonly every: Duration }): SlidingWindower {
  const { size: sizeMs } = resolveOptions('sliding', { size }, { size: duration(1) })
  const { every, offset, time } = resolveOptions('sliding', options, {
    every: duration(1),
    offset: optional(duration(), 0),
    time: timeRule,
  })
  return { kind: 'sliding', sizeMs, slideMs: every, offsetMs: offset % every, time }
}

/**
 * Windows of activity: a record belongs to the one before it unless the gap lies between them.
 * @param gap at least 1 ms, or a function of the record that tells it in milliseconds.
 * @example session('30m')
 */
export function session<T = any>(
  gap: Duration | ((value: T) => number),
  options?: { readonly time?: WindowTime },
): SessionWindower<T> {
  const { time } = resolveOptions('session', options, { time: timeRule })
  if (typeof gap === 'function') return { kind: 'session', gapMs: null, gap, time }
  return { kind: 'session', gapMs: resolveOptions('session', { gap }, { gap: duration(1) }).gap, time }
}

export interface CalendarOptions {
  /** IANA name, such as `'Europe/Berlin'`. Default `'UTC'`. */
  readonly timeZone?: string
  /** How long after the unit's begin a window begins, by the clock on the wall. Default 0. */
  readonly offset?: Duration
}

const isTimeZone = (value: unknown): value is string => {
  if (typeof value !== 'string') return false
  // The sandbox in which programs are checked knows no time zones; who runs the job does, and builds it anew.
  if (typeof Intl === 'undefined') return true
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: value }) !== null
  } catch {
    return false
  }
}

/**
 * Windows of the calendar of a place: a day there has 23 or 25 hours when its clocks change. Weeks begin on Monday.
 * @throws LF_PROGRAM_OPTION for a time zone that is not known where the job is built.
 * @example calendar('day', { timeZone: 'Europe/Berlin' })
 */
export function calendar(unit: CalendarUnit, options?: CalendarOptions): CalendarWindower {
  resolveOptions('calendar', { unit }, { unit: oneOf('hour', 'day', 'week', 'month', 'year') })
  const rules = {
    timeZone: optional(fitting(isTimeZone, "a time zone such as 'Europe/Berlin'"), 'UTC'),
    offset: optional(duration(), 0),
  }
  const { timeZone, offset } = resolveOptions('calendar', options, rules)
  return { kind: 'calendar', unit, timeZone, offsetMs: offset }
}

/** One window for all time: give it a trigger, or it fires only at the end of bounded input. */
export function globalWindow(): GlobalWindower {
  return { kind: 'global' }
}

/**
 * Windows of so many records of a key, in the order in which they arrive.
 * @example countWindow(100), countWindow(100, { every: 10 })
 */
export function countWindow(size: number, options?: { readonly every?: number }): CountWindower {
  resolveOptions('countWindow', { size }, { size: whole(1, 1_000_000_000) })
  const { every } = resolveOptions('countWindow', options, { every: optional(whole(1, size), size) })
  return { kind: 'count', size, slide: every }
}

/** The graph's form of a windower, without its functions. @throws LF_PROGRAM_OPTION where it is none. */
export function windowerOptions(owner: string, windower: Windower<any>): Json {
  if (typeof windower !== 'object' || windower === null || typeof windower.kind !== 'string')
    throw new LightflusError('LF_PROGRAM_OPTION', `${owner}: takes a window such as tumbling('1m').`)
  const { gap, ...options } = windower as SessionWindower<unknown>
  if (gap !== undefined) resolveOptions(owner, { gap }, { gap: fn() })
  return options
}
