import type { Duration } from '../duration.ts'
import { countOf, everyOf } from './rules.ts'
import type { EarlyTrigger } from './trigger-options.ts'

/** Results before the window's end is reached, beside the one on time. */
export const early = {
  /** So long by the worker's clock after the first record since the last result. @example early.every('5s') */
  every: (interval: Duration): EarlyTrigger => ({ phase: 'early', trigger: everyOf('early.every', interval) }),
  /** After every so many records. @example early.count(100) */
  count: (records: number): EarlyTrigger => ({ phase: 'early', trigger: countOf('early.count', records) }),
}
