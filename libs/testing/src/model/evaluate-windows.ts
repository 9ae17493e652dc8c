import type { Key } from '@lightflus/api'
import type { Arrival } from './evaluate.ts'
import { isSkipped, modulo, type Item, type ModelWindow, type Program } from './program.ts'

export interface EvaluatedWindow {
  readonly key: Key
  readonly start: number
  readonly end: number
  readonly items: readonly Arrival[]
}

export interface EvaluatedWindows {
  readonly windows: readonly EvaluatedWindow[]
  readonly late: readonly Arrival[]
}

/**
 * What each window holds in the end: the records whose time lies in it and that came before the watermark had passed its
 * end and the lateness. Sessions are followed record by record, since a late one may join what another has kept open.
 */
export function windowsOf(
  program: Program,
  window: ModelWindow,
  latenessMs: number,
  arrivals: readonly Arrival[],
): EvaluatedWindows {
  if (window.kind === 'session' || window.kind === 'sessionByValue')
    return sessionsOf(program, arrivals, latenessMs, (item) => gapOf(window, item) * program.tickMs)
  const isOfClock = window.kind === 'tumbling' && window.time === 'processing'
  const windows = new Map<string, EvaluatedWindow & { readonly items: Arrival[] }>()
  const late: Arrival[] = []
  for (const arrival of arrivals) {
    const around = boundsAround(program, window, isOfClock ? arrival.clock : arrival.time)
    const open = isOfClock ? around : around.filter(({ end }) => end + latenessMs > arrival.watermark)
    if (around.length > 0 && open.length === 0) late.push(arrival)
    if (isSkipped(program, arrival)) continue
    for (const { start, end } of open) {
      const id = `${JSON.stringify(arrival.key)} ${start}`
      const found = windows.get(id) ?? { key: arrival.key, start, end, items: [] }
      windows.set(id, found)
      found.items.push(arrival)
    }
  }
  return { windows: [...windows.values()], late }
}

const gapOf = (window: ModelWindow & { readonly kind: 'session' | 'sessionByValue' }, { value }: Item): number =>
  window.kind === 'session' ? window.gap : 1 + modulo(value, window.modulo)

function sessionsOf(
  program: Program,
  arrivals: readonly Arrival[],
  latenessMs: number,
  gapMsOf: (item: Item) => number,
): EvaluatedWindows {
  let windows: EvaluatedWindow[] = []
  const late: Arrival[] = []
  for (const arrival of arrivals) {
    const isOpen = ({ end }: { readonly end: number }) => end + latenessMs > arrival.watermark
    const own = { start: arrival.time, end: arrival.time + gapMsOf(arrival) }
    const joined = windows.filter(
      (other) => other.key === arrival.key && isOpen(other) && other.start < own.end && own.start < other.end,
    )
    const session = {
      key: arrival.key,
      start: Math.min(own.start, ...joined.map(({ start }) => start)),
      end: Math.max(own.end, ...joined.map(({ end }) => end)),
      items: [...joined.flatMap(({ items }) => items), arrival],
    }
    if (!isOpen(session)) late.push(arrival)
    else if (!isSkipped(program, arrival)) windows = [...windows.filter((other) => !joined.includes(other)), session]
  }
  return { windows, late }
}

interface Bounds {
  readonly start: number
  readonly end: number
}

/** Every window that the time lies in. */
function boundsAround(
  { tickMs }: Program,
  window: Exclude<ModelWindow, { readonly kind: 'session' | 'sessionByValue' }>,
  time: number,
): Bounds[] {
  switch (window.kind) {
    case 'global':
      return [{ start: -Infinity, end: Infinity }]
    case 'calendar':
      return [calendarBounds(window, time)]
    case 'tumbling':
      return slidingBounds(window.size * tickMs, window.size * tickMs, window.offset * tickMs, time)
    case 'sliding':
      return slidingBounds(window.size * tickMs, window.every * tickMs, window.offset * tickMs, time)
  }
}

/** Counts through all starts from before the time: slow, and hard to get wrong. */
function slidingBounds(size: number, every: number, offset: number, time: number): Bounds[] {
  const found: Bounds[] = []
  const first = (Math.floor((time - size) / every) - 1) * every + modulo(offset, every)
  for (let start = first; start <= time; start += every)
    if (start + size > time) found.push({ start, end: start + size })
  return found
}

function calendarBounds(
  { unit, timeZone }: { readonly unit: 'hour' | 'day'; readonly timeZone: string },
  time: number,
): Bounds {
  const moment = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timeZone)
  const start = unit === 'day' ? moment.startOfDay() : moment.round({ smallestUnit: 'hour', roundingMode: 'floor' })
  const end = unit === 'day' ? moment.add({ days: 1 }).startOfDay() : start.add({ hours: 1 })
  return { start: start.epochMilliseconds, end: end.epochMilliseconds }
}
