import type { OperatorMetrics } from '@lightflus/engine'

const counters = ['recordsIn', 'recordsOut', 'recordsSkipped', 'recordsLate', 'recordsAhead'] as const

/** What an operator has counted, over all its subtasks. */
export type TestMetrics = { readonly [Counter in (typeof counters)[number]]: number } & {
  /** The least of all subtasks; null until each has one. */
  readonly watermark: number | null
}

export function sumMetrics(parts: readonly OperatorMetrics[]): TestMetrics {
  const total = (counter: (typeof counters)[number]) => parts.reduce((sum, part) => sum + part[counter], 0)
  const sums = Object.fromEntries(counters.map((counter) => [counter, total(counter)]))
  const watermarks = parts.map(({ watermark }) => watermark)
  const watermark = watermarks.includes(null) ? null : Math.min(...(watermarks as number[]))
  return { ...(sums as Omit<TestMetrics, 'watermark'>), watermark }
}
