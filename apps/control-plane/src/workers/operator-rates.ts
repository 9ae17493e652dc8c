import type { OperatorMetrics } from '@lightflus/contracts'

export type RatedMetrics = OperatorMetrics & {
  readonly recordsInPerSecond: number
  readonly recordsOutPerSecond: number
}

/** The counters that rates are taken against, and when they were reported. */
export interface RateBase {
  readonly attempt: number
  readonly at: number
  readonly operators: readonly OperatorMetrics[]
}

export interface Rated {
  readonly base: RateBase
  readonly operators: readonly RatedMetrics[]
}

/** Shortest time over which a rate is taken: over less, a report that came early would make it jump. */
const rateMsMin = 900

/**
 * Rates of a report against the one before. A report that comes too soon after its base keeps the rates shown before;
 * a new attempt begins at zero.
 */
export function rateOperators(report: RateBase, before: Rated | undefined): Rated {
  const sameAttempt = before?.base.attempt === report.attempt ? before : undefined
  const elapsedMs = sameAttempt ? report.at - sameAttempt.base.at : 0
  if (sameAttempt && elapsedMs < rateMsMin) {
    const shown = new Map(sameAttempt.operators.map((operator) => [operator.operator, operator]))
    return {
      base: sameAttempt.base,
      operators: report.operators.map((operator) => {
        const { recordsInPerSecond = 0, recordsOutPerSecond = 0 } = shown.get(operator.operator) ?? {}
        return { ...operator, recordsInPerSecond, recordsOutPerSecond }
      }),
    }
  }
  const base = new Map(sameAttempt?.base.operators.map((operator) => [operator.operator, operator]))
  return {
    base: report,
    operators: report.operators.map((operator) => {
      const from = base.get(operator.operator)
      const perSecond = (now: number, then: number) => Math.max(0, ((now - then) * 1_000) / elapsedMs)
      return {
        ...operator,
        recordsInPerSecond: from ? perSecond(operator.recordsIn, from.recordsIn) : 0,
        recordsOutPerSecond: from ? perSecond(operator.recordsOut, from.recordsOut) : 0,
      }
    }),
  }
}

/** Records per second of a whole job: out of its sources, and into its sinks. */
export function jobRates(
  operators: readonly RatedMetrics[],
  kinds: ReadonlyMap<string, string>,
): { readonly in: number; readonly out: number } {
  let read = 0
  let written = 0
  for (const { operator, recordsInPerSecond, recordsOutPerSecond } of operators) {
    if (kinds.get(operator) === 'source') read += recordsOutPerSecond
    if (kinds.get(operator) === 'sink') written += recordsInPerSecond
  }
  return { in: read, out: written }
}
