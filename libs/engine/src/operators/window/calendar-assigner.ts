import type { CalendarWindower } from '@lightflus/api'
import type { WindowAssigner } from './assigner.ts'
import { calendarWindows } from './calendar.ts'

/** Days, weeks, months of a place: each record lies in one. */
export function calendarAssigner(windower: CalendarWindower): WindowAssigner {
  const windowOf = calendarWindows(windower)
  return {
    shape: `calendar ${windower.unit}+${windower.offsetMs} ms, ${windower.timeZone}`,
    isMerging: false,
    time: 'event',
    assign(at, _value, bounds) {
      const { start, end } = windowOf(at)
      bounds[0] = start
      bounds[1] = end
      return 1
    },
  }
}
