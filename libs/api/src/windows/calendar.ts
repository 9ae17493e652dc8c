import type { Duration } from '../duration.ts'
import { duration, fitting, oneOf, optional, resolveOptions } from '../internal/options.ts'

export type CalendarUnit = 'hour' | 'day' | 'week' | 'month' | 'year'

export interface CalendarWindower {
  readonly kind: 'calendar'
  readonly unit: CalendarUnit
  readonly timeZone: string
  /** How long after the unit's begin the window begins, by the wall clock of the time zone. */
  readonly offsetMs: number
}

export interface CalendarOptions {
  /** IANA name, such as `'Europe/Berlin'`. Default `'UTC'`. */
  readonly timeZone?: string
  /** How long after the unit's begin windows begin, by the wall clock there. Default 0. */
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
