import { deploymentStateFacts } from '@lightflus/contracts'
import { stateLabel, type Tone } from '../../components/state-label.ts'
import { formatAgo, formatDate, formatDateTime } from '../../format/times.ts'
import type { JobEventRecord } from '../../live/live-state.ts'

export interface EventView {
  readonly id: string
  readonly tone: Tone
  /** The change of state, or the kind of the event where none changed. */
  readonly title: string
  readonly from: string | null
  readonly reason: string
  readonly actor: string
  readonly time: string
  readonly age: string
  readonly dateTime: string
}

export interface EventDay {
  readonly date: string
  readonly events: readonly EventView[]
}

/** Events by day, newest first. */
export function presentEvents(events: readonly JobEventRecord[], now: number): readonly EventDay[] {
  const days = new Map<string, EventView[]>()
  for (const event of events) {
    const at = Date.parse(event.at)
    const date = formatDate(at)
    days.set(date, [...(days.get(date) ?? []), presentEvent(event, at, now)])
  }
  return [...days].map(([date, each]) => ({ date: date === formatDate(now) ? 'Today' : date, events: each }))
}

function presentEvent(event: JobEventRecord, at: number, now: number): EventView {
  return {
    id: event.id,
    tone: event.to ? deploymentStateFacts[event.to].tone : 'neutral',
    title: event.to ? stateLabel(event.to) : event.kind.charAt(0).toUpperCase() + event.kind.slice(1),
    from: event.from ? stateLabel(event.from) : null,
    reason: event.reason,
    actor: event.actor,
    time: formatDateTime(at).slice(11),
    age: formatAgo(at, now),
    dateTime: formatDateTime(at),
  }
}
