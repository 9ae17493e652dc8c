import type { Usage } from '@lightflus/contracts'
import { formatBytes, formatCount, formatExact } from '../../format/numbers.ts'
import { formatDateTime, formatSpan } from '../../format/times.ts'

export const usageSpans = ['24h', '7d', '30d'] as const
export type UsageSpan = (typeof usageSpans)[number]
export const usageMeasures = ['slotSeconds', 'recordsIn', 'recordsOut', 'bytesIn', 'bytesOut'] as const
export type UsageMeasure = (typeof usageMeasures)[number]

export interface UsageSearch {
  readonly span?: UsageSpan
  readonly measure?: UsageMeasure
  readonly job?: string
}

const hourMs = 3_600_000
const spanHours: Readonly<Record<UsageSpan, number>> = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 }
/** Bars of the chart: an hour each for a day, then several hours, so that a bar stays wide enough to point at. */
const hoursPerBar: Readonly<Record<UsageSpan, number>> = { '24h': 1, '7d': 6, '30d': 24 }
/** Jobs with a colour of their own; the others share one. */
export const coloursMax = 6

export const measureLabels: Readonly<Record<UsageMeasure, string>> = {
  slotSeconds: 'Slot time',
  recordsIn: 'Records read',
  recordsOut: 'Records written',
  bytesIn: 'Bytes read',
  bytesOut: 'Bytes written',
}

/** The first hour of a span that ends now. */
export function spanStart(span: UsageSpan, now: number): string {
  return new Date((Math.floor(now / hourMs) - spanHours[span] + 1) * hourMs).toISOString()
}

export function formatMeasure(measure: UsageMeasure, value: number): string {
  if (measure === 'slotSeconds') return formatSpan(value * 1_000)
  return measure.startsWith('bytes') ? formatBytes(value) : formatCount(value)
}

export interface UsageBar {
  readonly label: string
  /** Of each colour, lowest first; `index` is that of the legend. */
  readonly parts: readonly { readonly index: number; readonly value: number }[]
  readonly total: number
  readonly text: string
}

export interface UsageRow {
  readonly job: string
  readonly hour: string
  readonly cells: readonly { readonly text: string; readonly title: string }[]
}

export interface UsageView {
  readonly empty: boolean
  readonly totals: readonly {
    readonly measure: UsageMeasure
    readonly label: string
    readonly value: string
    readonly title: string
  }[]
  readonly bars: readonly UsageBar[]
  readonly max: number
  readonly legend: readonly { readonly job: string; readonly value: string }[]
  /** Newest hour first. */
  readonly rows: readonly UsageRow[]
  readonly rowsLeftOut: number
}

/** Rows that the table shows; the chart always counts all. */
export const usageRowsMax = 240

export function presentUsage(usage: Usage, search: UsageSearch, now: number): UsageView {
  const span = search.span ?? '24h'
  const measure = search.measure ?? 'slotSeconds'
  const byJob = new Map<string, number>()
  for (const hour of usage.hours) byJob.set(hour.job, (byJob.get(hour.job) ?? 0) + hour[measure])
  const ranked = [...byJob].toSorted(([a, x], [b, y]) => y - x || a.localeCompare(b))
  const colours = new Map(ranked.map(([job], index) => [job, Math.min(index, coloursMax)]))
  const bars = barsOf({ usage, measure, span, colours, now })
  const others = ranked.slice(coloursMax)
  return {
    empty: usage.hours.length === 0,
    totals: usageMeasures.map((each) => ({
      measure: each,
      label: measureLabels[each],
      value: formatMeasure(each, usage.total[each]),
      title: `${formatExact(Math.round(usage.total[each]))} ${each === 'slotSeconds' ? 'slot-seconds' : each.startsWith('bytes') ? 'bytes' : 'records'}`,
    })),
    bars,
    max: Math.max(0, ...bars.map(({ total }) => total)),
    legend: [
      ...ranked.slice(0, coloursMax).map(([job, value]) => ({ job, value: formatMeasure(measure, value) })),
      ...(others.length > 0
        ? [
            {
              job: `${others.length} more`,
              value: formatMeasure(
                measure,
                others.reduce((sum, [, value]) => sum + value, 0),
              ),
            },
          ]
        : []),
    ],
    ...rowsOf(usage),
  }
}

interface BarsInput {
  readonly usage: Usage
  readonly measure: UsageMeasure
  readonly span: UsageSpan
  readonly colours: ReadonlyMap<string, number>
  readonly now: number
}

function barsOf({ usage, measure, span, colours, now }: BarsInput): UsageBar[] {
  const barMs = hoursPerBar[span] * hourMs
  const first = Date.parse(spanStart(span, now))
  const count = spanHours[span] / hoursPerBar[span]
  const parts = Array.from({ length: count }, () => new Map<number, number>())
  for (const hour of usage.hours) {
    const bar = parts[Math.floor((Date.parse(hour.hour) - first) / barMs)]
    const index = colours.get(hour.job) ?? coloursMax
    bar?.set(index, (bar.get(index) ?? 0) + hour[measure])
  }
  return parts.map((bar, index) => {
    const from = first + index * barMs
    const total = [...bar.values()].reduce((sum, value) => sum + value, 0)
    return {
      label: formatDateTime(from).slice(5, 16),
      parts: [...bar].map(([colour, value]) => ({ index: colour, value })).toSorted((a, b) => a.index - b.index),
      total,
      text: `${formatDateTime(from).slice(0, 16)}, ${hoursPerBar[span] === 1 ? 'one hour' : `${hoursPerBar[span]} hours`}: ${formatMeasure(measure, total)}`,
    }
  })
}

function rowsOf(usage: Usage): Pick<UsageView, 'rows' | 'rowsLeftOut'> {
  const newestFirst = usage.hours.toSorted((a, b) =>
    a.hour === b.hour ? a.job.localeCompare(b.job) : a.hour < b.hour ? 1 : -1,
  )
  return {
    rowsLeftOut: Math.max(0, newestFirst.length - usageRowsMax),
    rows: newestFirst.slice(0, usageRowsMax).map((hour) => ({
      job: hour.job,
      hour: formatDateTime(Date.parse(hour.hour)).slice(0, 16),
      cells: usageMeasures.map((measure) => ({
        text: formatMeasure(measure, hour[measure]),
        title: formatExact(Math.round(hour[measure])),
      })),
    })),
  }
}
