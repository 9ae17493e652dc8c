import type { CalendarUnit } from '@lightflus/api'
import fc from 'fast-check'
import { calendarWindows } from './calendar.ts'

const windowAt = (unit: CalendarUnit, timeZone: string, at: string, offsetMs = 0) => {
  const { start, end } = calendarWindows({ kind: 'calendar', unit, timeZone, offsetMs })(Date.parse(at))
  return [new Date(start).toISOString(), new Date(end).toISOString(), (end - start) / 3_600_000]
}

test('days have 23 or 25 hours when clocks change, and weeks begin on Monday', () => {
  expect(windowAt('day', 'Europe/Berlin', '2026-03-29T12:00Z')).toEqual([
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
    23,
  ])
  expect(windowAt('day', 'Europe/Berlin', '2026-10-25T12:00Z')).toEqual([
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
    25,
  ])
  expect(windowAt('week', 'Europe/Berlin', '2026-10-25T22:59:59.999Z')).toEqual([
    '2026-10-18T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
    169,
  ])
  expect(windowAt('day', 'Asia/Kolkata', '2026-01-01T18:30Z')).toEqual([
    '2026-01-01T18:30:00.000Z',
    '2026-01-02T18:30:00.000Z',
    24,
  ])
})

test('a midnight that is skipped, one that comes twice, and a day that was left out', () => {
  // Clocks went from 00:00 to 01:00, and back from 24:00 to 23:00.
  expect(windowAt('day', 'America/Sao_Paulo', '2018-11-04T12:00Z')).toEqual([
    '2018-11-04T03:00:00.000Z',
    '2018-11-05T02:00:00.000Z',
    23,
  ])
  expect(windowAt('day', 'America/Sao_Paulo', '2018-02-18T02:30Z')[2]).toBe(25)
  // Back from 01:00 to 00:00: the first midnight is the begin, also for what is shifted into the hour that comes twice.
  expect(windowAt('day', 'America/Havana', '2025-11-02T05:30Z')).toEqual([
    '2025-11-02T04:00:00.000Z',
    '2025-11-03T05:00:00.000Z',
    25,
  ])
  expect(windowAt('day', 'America/Havana', '2025-11-02T05:10Z', 30 * 60_000)[0]).toBe('2025-11-02T04:30:00.000Z')
  expect(windowAt('day', 'Pacific/Apia', '2011-12-30T09:59:59Z')[1]).toBe('2011-12-30T10:00:00.000Z')
  expect(windowAt('day', 'Pacific/Apia', '2011-12-30T10:00Z')).toEqual([
    '2011-12-30T10:00:00.000Z',
    '2011-12-31T10:00:00.000Z',
    24,
  ])
})

test('an hour that comes twice is two windows, and an hour that clocks change in is cut there', () => {
  expect(windowAt('hour', 'Europe/Berlin', '2026-10-25T00:30Z')[0]).toBe('2026-10-25T00:00:00.000Z')
  expect(windowAt('hour', 'Europe/Berlin', '2026-10-25T01:30Z')[0]).toBe('2026-10-25T01:00:00.000Z')
  // Lord Howe goes back by half an hour, at 02:00.
  expect(windowAt('hour', 'Australia/Lord_Howe', '2026-04-04T15:10Z')).toEqual([
    '2026-04-04T15:00:00.000Z',
    '2026-04-04T15:30:00.000Z',
    0.5,
  ])
})

test('months and years of a business day that begins at six', () => {
  const sixHours = 6 * 3_600_000
  expect(windowAt('month', 'Europe/Berlin', '2026-04-01T03:59Z', sixHours)).toEqual([
    '2026-03-01T05:00:00.000Z',
    '2026-04-01T04:00:00.000Z',
    743,
  ])
  expect(windowAt('year', 'UTC', '2024-06-01T00:00Z')).toEqual([
    '2024-01-01T00:00:00.000Z',
    '2025-01-01T00:00:00.000Z',
    366 * 24,
  ])
})

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/Sao_Paulo',
  'America/Havana',
  'Asia/Kolkata',
  'Pacific/Apia',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Africa/Casablanca',
  'Asia/Gaza',
  'Pacific/Kiritimati',
]

// Sweden writes dates as ISO 8601 does.
const clocks = new Map(
  zones.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }),
  ]),
)

/** What the wall clock shows, by text and without the code under test. */
function shown(timeZone: string, at: number): string {
  return clocks.get(timeZone)!.format(at)
}

const dayMs = 86_400_000
const times = { min: Date.UTC(2005, 0), max: Date.UTC(2030, 0) }

/** Days on which clocks are set, by zone; the first of all for a zone without any. */
const changes = new Map(
  zones.map((timeZone) => {
    const days = [times.min]
    for (let at = times.min; at < times.max; at += dayMs)
      if (shown(timeZone, at).slice(11) !== shown(timeZone, at + dayMs).slice(11)) days.push(at)
    return [timeZone, days]
  }),
)

/** Most of them near a change, which else would hardly ever be met. */
const placeAndTime = fc.constantFrom(...zones).chain((timeZone) =>
  fc
    .oneof(fc.integer(times), {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom(...changes.get(timeZone)!), fc.integer({ min: -dayMs, max: 3 * dayMs })),
    })
    .map((time) => ({ timeZone, timestamp: typeof time === 'number' ? time : time[0] + time[1] })),
)

/** The name of the unit that a wall clock which is set back by the offset would show. */
function nameOf(unit: CalendarUnit, wall: string, offsetMs: number): string {
  const date = new Date(Date.parse(`${wall.replace(' ', 'T')}Z`) - offsetMs)
  if (unit === 'week') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, { year: 4, month: 7, week: 10, day: 10, hour: 13 }[unit])
}

test('windows are those that a scan of the wall clock finds', () => {
  const quarterMs = 900_000
  const lengthMs = { hour: 1, day: 25, week: 24 * 7 + 1, month: 24 * 31 + 1, year: 24 * 366 + 1 }
  fc.assert(
    fc.property(
      placeAndTime,
      fc.oneof(
        { weight: 8, arbitrary: fc.constant('day' as const) },
        fc.constantFrom('week' as const, 'month' as const),
      ),
      fc.constantFrom(0, 0, 30, 90, 6 * 60, 23 * 60),
      ({ timeZone, timestamp }, unit, offsetMinutes) => {
        const offsetMs = offsetMinutes * 60_000
        const { start, end } = calendarWindows({ kind: 'calendar', unit, timeZone, offsetMs })(timestamp)
        expect(start).toBeLessThanOrEqual(timestamp)
        expect(timestamp).toBeLessThan(end)
        // Quarters of an hour from before the window to its end: a new window begins whenever a greater name is first shown.
        const from = Math.floor(timestamp / quarterMs) * quarterMs - lengthMs[unit] * 3_600_000 - 2 * dayMs
        const nameAt = (time: number) => nameOf(unit, shown(timeZone, time), offsetMs)
        let greatest = ''
        let begin = NaN
        let next = NaN
        for (let at = from; Number.isNaN(next); at += quarterMs) {
          if (nameAt(at) <= greatest) continue
          // To the minute: clocks of St. John's used to be set at 00:01.
          let first = at
          while (first > at - quarterMs && nameAt(first - 60_000) > greatest) first -= 60_000
          if (first > timestamp) next = first
          else {
            greatest = nameAt(at)
            begin = first
          }
        }
        expect([start, end]).toEqual([begin, next])
      },
    ),
    { numRuns: 300 },
  )
})

test('hours of one zone tile the time line, and each is one hour of the wall clock', () => {
  fc.assert(
    fc.property(placeAndTime, fc.constantFrom(0, 0, 20), ({ timeZone, timestamp }, offsetMinutes) => {
      const offsetMs = offsetMinutes * 60_000
      const hours = calendarWindows({ kind: 'calendar', unit: 'hour', timeZone, offsetMs })
      const { start, end } = hours(timestamp)
      expect(start).toBeLessThanOrEqual(timestamp)
      expect(timestamp).toBeLessThan(end)
      expect(hours(end).start).toBe(end)
      expect(hours(start - 1).end).toBe(start)
      const names = [start, timestamp, end - 1].map((at) => nameOf('hour', shown(timeZone, at), offsetMs))
      expect(new Set(names).size).toBe(1)
    }),
    { numRuns: 1_000 },
  )
})

test('what is no time zone, and a time that no date has, are refused', () => {
  expect(() => calendarWindows({ kind: 'calendar', unit: 'day', timeZone: 'Mars/Olympus', offsetMs: 0 })).toThrow(
    RangeError,
  )
  const days = calendarWindows({ kind: 'calendar', unit: 'day', timeZone: 'Europe/Berlin', offsetMs: 0 })
  expect(() => days(9e15)).toThrow(RangeError)
})

test('a window is found once', () => {
  const days = calendarWindows({ kind: 'calendar', unit: 'day', timeZone: 'Europe/Berlin', offsetMs: 0 })
  const noon = Date.parse('2026-03-29T12:00Z')
  const day = days(noon)
  expect(days(day.end).start).toBe(day.end)
  expect(days(noon - 1)).toBe(day)
})
