import fc from 'fast-check'
import type { JobRun } from './job-runs.ts'

/**
 * Any way to run a job: cut, spread, held back, interrupted and resumed. Batches are small and interruptions early, so
 * that they fall into the short lists that properties are tried on.
 */
export const anyRun: fc.Arbitrary<JobRun> = fc.record({
  parallelism: fc.integer({ min: 1, max: 4 }),
  cuts: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 }),
  slowWriteEvery: fc.nat(3),
  interruptions: fc.array(
    fc.record({
      how: fc.constantFrom('suspend' as const, 'crash' as const),
      atPoll: fc.integer({ min: 1, max: 8 }),
      parallelismAfter: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 3 },
  ),
})
