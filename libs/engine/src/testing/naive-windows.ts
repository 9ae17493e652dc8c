import type { Windower } from '@lightflus/api'

/** What happens to a window operator: in this order. */
export type WindowEvent =
  | { readonly kind: 'record'; readonly key: string; readonly value: number; readonly timestamp: number }
  | { readonly kind: 'watermark'; readonly to: number }
  | { readonly kind: 'clock'; readonly to: number }

export interface NaiveWindow {
  readonly key: string
  readonly start: number
  readonly end: number
  /** Values, in the order of arrival. */
  readonly values: readonly number[]
}

export interface NaiveOutcome {
  readonly windows: readonly NaiveWindow[]
  /** Values of the records that came too late. */
  readonly late: readonly number[]
}

interface Growing {
  readonly key: string
  start: number
  end: number
  values: { value: number; arrival: number }[]
}

/**
 * What each window of event time holds in the end, and what came too late, straight from the definition: a record
 * counts for every window that its time lies in and that ends, with the allowed lateness, after the watermark at which it
 * came; a session is what is left when sessions that overlap have become one.
 */
export function windowsByDefinition(
  events: readonly WindowEvent[],
  windower: Windower<number>,
  allowedLatenessMs: number,
): NaiveOutcome {
  const windows: Growing[] = []
  const late: number[] = []
  let watermark = Number.MIN_SAFE_INTEGER
  events.forEach((event, arrival) => {
    if (event.kind === 'watermark') watermark = Math.max(watermark, event.to)
    if (event.kind !== 'record') return
    const { key, value, timestamp } = event
    const isOpen = ({ end }: { readonly end: number }) => end + allowedLatenessMs > watermark
    if (windower.kind === 'session') {
      let session: Growing = {
        key,
        start: timestamp,
        end: timestamp + gapOf(windower, value),
        values: [{ value, arrival }],
      }
      const joined = windows.filter(
        (other) => other.key === key && isOpen(other) && other.start < session.end && session.start < other.end,
      )
      for (const other of joined)
        session = {
          key,
          start: Math.min(session.start, other.start),
          end: Math.max(session.end, other.end),
          values: [...session.values, ...other.values],
        }
      if (!isOpen(session)) return void late.push(value)
      for (const other of joined) windows.splice(windows.indexOf(other), 1)
      windows.push(session)
      return
    }
    const around = windowsAround(windower, timestamp)
    const open = around.filter(isOpen)
    if (around.length > 0 && open.length === 0) late.push(value)
    for (const { start, end } of open) {
      let window = windows.find((other) => other.key === key && other.start === start)
      if (window === undefined) windows.push((window = { key, start, end, values: [] }))
      window.values.push({ value, arrival })
    }
  })
  return { windows: windows.map(inOrder), late }
}

function gapOf(
  { gapMs, gap }: { readonly gapMs: number | null; readonly gap?: (value: number) => number },
  value: number,
) {
  return gap ? gap(value) : gapMs!
}

/** Tries every start that could be, whatever the time: slow, and hard to get wrong. */
function windowsAround(
  windower: Windower<number>,
  timestamp: number,
): { readonly start: number; readonly end: number }[] {
  if (windower.kind === 'global') return [{ start: Number.MIN_SAFE_INTEGER, end: Number.MAX_SAFE_INTEGER }]
  if (windower.kind !== 'tumbling' && windower.kind !== 'sliding')
    throw new Error(`${windower.kind} has no definition here`)
  const slideMs = windower.kind === 'sliding' ? windower.slideMs : windower.sizeMs
  const found = []
  for (let start = timestamp - windower.sizeMs + 1; start <= timestamp; start++)
    if (Number.isInteger((start - windower.offsetMs) / slideMs)) found.push({ start, end: start + windower.sizeMs })
  return found
}

function inOrder({ key, start, end, values }: Growing): NaiveWindow {
  return { key, start, end, values: values.sort((a, b) => a.arrival - b.arrival).map(({ value }) => value) }
}
