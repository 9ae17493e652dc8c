import type { Duration } from '../duration.ts'
import { duration, oneOf, optional, resolveOptions, text } from '../internal/options.ts'

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

/**
 * Windows of the calendar of a place: a day there has 23 or 25 hours when its clocks change. Weeks begin on Monday.
 * @example calendar('day', { timeZone: 'Europe/Berlin' })
 */
export function calendar(unit: CalendarUnit, options?: CalendarOptions): CalendarWindower {
  resolveOptions('calendar', { unit }, { unit: oneOf('hour', 'day', 'week', 'month', 'year') })
  const rules = { timeZone: optional(text(), 'UTC'), offset: optional(duration(), 0) }
  const { timeZone, offset } = resolveOptions('calendar', options, rules)
  return { kind: 'calendar', unit, timeZone, offsetMs: offset }
}
