import type { Job } from '@lightflus/contracts'

/** The last records-per-second of each job, oldest first, as the list asked for them. */
export type RateHistory = ReadonlyMap<string, readonly number[]>

/** Two minutes, asked for every two seconds. */
export const rateHistoryMax = 60

/** The history with what the jobs do now; a job that is gone or not running has none. */
export function recordRates(history: RateHistory, jobs: readonly Job[]): RateHistory {
  return new Map(
    jobs.flatMap(({ name, rates }) =>
      rates === null ? [] : [[name, [...(history.get(name) ?? []), rates.in].slice(-rateHistoryMax)] as const],
    ),
  )
}
