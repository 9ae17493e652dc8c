import type { CalendarUnit, CalendarWindower, TimeWindow } from '@lightflus/api'
import { timeZoneOffset } from './time-zone.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
/** Event times beyond have no date. */
const timeMax = 8.64e15
/** More windows than records of one batch touch, as a rule; fewer than memory would notice. */
const cachedMax = 256

/**
 * Windows of the calendar of a place, by the clock on the wall there.
 *
 * A day, week (from Monday), month or year begins when the wall clock first shows its begin, shifted by the offset, or
 * something later: so a day on which clocks change has 23 or 25 hours, one whose midnight is skipped begins when the
 * clocks have been set, and one that a place left out altogether has no window. An hour is what the wall clock calls one
 * without being set meanwhile: an hour that comes twice is two windows.
 *
 * @returns the window of an event time, the same object for the same window while it is remembered.
 * @throws RangeError from the result, for an event time that no date has.
 */
export function calendarWindows({ unit, timeZone, offsetMs }: CalendarWindower): (timestamp: number) => TimeWindow {
  const offset = timeZoneOffset(timeZone)
  const find = unit === 'hour' ? hourFinder(offset, offsetMs) : unitFinder(unit, offset, offsetMs)
  const cached: TimeWindow[] = []
  let current: TimeWindow = { start: Infinity, end: -Infinity }
  return (timestamp) => {
    if (timestamp >= current.start && timestamp < current.end) return current
    const known = cached.find(({ start, end }) => timestamp >= start && timestamp < end)
    if (known === undefined) {
      if (cached.length === cachedMax) cached.shift()
      cached.push((current = Object.freeze(find(timestamp))))
    } else current = known
    return current
  }
}

type Offset = (instant: number) => number
type Finder = (timestamp: number) => TimeWindow

/** What a wall clock shows is told as if it were UTC: milliseconds that no zone has to be known for. */
function unitFinder(unit: Exclude<CalendarUnit, 'hour'>, offset: Offset, offsetMs: number): Finder {
  const begin = (label: number) => firstShown(label + offsetMs, offset)
  return (timestamp) => {
    let label = beginOf(unit, timestamp + offset(timestamp) - offsetMs)
    let end = begin(nextOf(unit, label))
    // Clocks that go back to before a begin do not bring the former window back.
    while (end <= timestamp) {
      label = nextOf(unit, label)
      end = begin(nextOf(unit, label))
    }
    return { start: begin(label), end }
  }
}

function hourFinder(offset: Offset, offsetMs: number): Finder {
  return (timestamp) => {
    const here = offset(timestamp)
    const start = floorTo(timestamp + here - offsetMs, hourMs) - here + offsetMs
    const end = start + hourMs
    return {
      start: offset(start) === here ? start : changeBetween(start, timestamp, offset),
      end: offset(end - 1) === here ? end : changeBetween(timestamp, end - 1, offset),
    }
  }
}

/** The first instant at which the wall clock shows this or something later. */
function firstShown(wall: number, offset: Offset): number {
  // No place is further than a day from UTC, so it lies between these two.
  const from = clamp(wall - dayMs)
  const to = clamp(wall + dayMs)
  const before = offset(from)
  const after = offset(to)
  if (before === after) return wall - before
  const change = changeBetween(from, to, offset)
  return wall - before < change ? wall - before : Math.max(change, wall - after)
}

/** The instant at which the clocks are set, where they are set once between the two. */
function changeBetween(from: number, to: number, offset: Offset): number {
  const before = offset(from)
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2)
    if (offset(middle) === before) from = middle
    else to = middle
  }
  return to
}

function beginOf(unit: Exclude<CalendarUnit, 'hour'>, wall: number): number {
  if (unit === 'day') return floorTo(wall, dayMs)
  // 1970 began on a Thursday.
  if (unit === 'week') return floorTo(wall + 3 * dayMs, 7 * dayMs) - 3 * dayMs
  const date = new Date(floorTo(wall, dayMs))
  date.setUTCDate(1)
  return unit === 'month' ? date.getTime() : date.setUTCMonth(0)
}

function nextOf(unit: Exclude<CalendarUnit, 'hour'>, begin: number): number {
  if (unit === 'day') return begin + dayMs
  if (unit === 'week') return begin + 7 * dayMs
  const date = new Date(begin)
  return unit === 'month' ? date.setUTCMonth(date.getUTCMonth() + 1) : date.setUTCFullYear(date.getUTCFullYear() + 1)
}

function floorTo(time: number, step: number): number {
  return Math.floor(time / step) * step
}

function clamp(time: number): number {
  return Math.max(-timeMax, Math.min(timeMax, time))
}
