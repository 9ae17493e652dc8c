import type { Duration } from '../duration.ts'
import { countOf, everyOf } from './rules.ts'
import type { LateTrigger } from './trigger-options.ts'

/** When records that come after the window's end, but within the allowed lateness, bring a further result. */
export const late = {
  /** Each at once: the default. */
  each: (): LateTrigger => ({ phase: 'late', trigger: countOf('late.each', 1) }),
  /**
   * So long by the worker's clock after the first late record since the last result, and when the window is closed: fewer
   * results where many records are late. @example late.every('1m')
   */
  every: (interval: Duration): LateTrigger => ({ phase: 'late', trigger: everyOf('late.every', interval) }),
}
