import type { DeploymentReport } from '@lightflus/contracts'

/** What is metered. Whole numbers: sums are exact in whatever order they are made. */
export const usageCounters = ['slotMs', 'recordsIn', 'recordsOut', 'bytesIn', 'bytesOut'] as const
export type UsageCounters = Readonly<Record<(typeof usageCounters)[number], bigint>>

export const noUsage: UsageCounters = { slotMs: 0n, recordsIn: 0n, recordsOut: 0n, bytesIn: 0n, bytesOut: 0n }

export interface HourOfUsage {
  /** Begin of the hour, milliseconds since the epoch. */
  readonly hour: number
  readonly counters: UsageCounters
}

const hourMs = 3_600_000
const whole = (value: number): bigint => BigInt(Math.round(Math.min(Math.max(value, 0), Number.MAX_SAFE_INTEGER)))

/** The counters of a report, cumulative since the attempt began. */
export function countersOf({
  slotSeconds,
  recordsIn,
  recordsOut,
  bytesIn,
  bytesOut,
}: DeploymentReport['usage']): UsageCounters {
  return {
    slotMs: whole(slotSeconds * 1_000),
    recordsIn: whole(recordsIn),
    recordsOut: whole(recordsOut),
    bytesIn: whole(bytesIn),
    bytesOut: whole(bytesOut),
  }
}

/**
 * What a report adds to the highest counters seen of its attempt: nothing where it repeats or comes late. So each
 * counter ends at the highest that was ever reported, whichever reports were lost, repeated or overtaken.
 */
export function growth(seen: UsageCounters, reported: UsageCounters): UsageCounters {
  return mapCounters((name) => (reported[name] > seen[name] ? reported[name] - seen[name] : 0n))
}

export function addCounters(a: UsageCounters, b: UsageCounters): UsageCounters {
  return mapCounters((name) => a[name] + b[name])
}

export function isNothing(counters: UsageCounters): boolean {
  return usageCounters.every((name) => counters[name] === 0n)
}

/**
 * Spreads what grew between two times evenly over the hours between them, so that what a worker reports after hours
 * without its control plane is not all in one. The parts add up to the whole exactly.
 */
export function spreadOverHours(grown: UsageCounters, fromMs: number, toMs: number): HourOfUsage[] {
  const from = Math.min(fromMs, toMs)
  const length = BigInt(Math.max(1, Math.round(toMs - from)))
  const hours: HourOfUsage[] = []
  let spread = noUsage
  for (let hour = from - (from % hourMs); hour <= toMs; hour += hourMs) {
    const passed = BigInt(Math.min(Math.round(hour + hourMs - from), Number(length)))
    const last = hour + hourMs > toMs
    const until = mapCounters((name) => (last ? grown[name] : (grown[name] * passed) / length))
    const counters = mapCounters((name) => until[name] - spread[name])
    if (!isNothing(counters)) hours.push({ hour, counters })
    spread = until
  }
  return hours
}

function mapCounters(value: (name: keyof UsageCounters) => bigint): UsageCounters {
  return {
    slotMs: value('slotMs'),
    recordsIn: value('recordsIn'),
    recordsOut: value('recordsOut'),
    bytesIn: value('bytesIn'),
    bytesOut: value('bytesOut'),
  }
}
