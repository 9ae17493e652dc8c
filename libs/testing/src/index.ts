/**
 * The test harness for users' programs: `lightflus/testing` is this. It runs wherever the engine does, under any test
 * runner, and needs none.
 */
export { testJob, type TestJob, type TestJobOptions } from './harness/test-job.ts'
export type { TestInput, PushOptions } from './harness/test-input.ts'
export type { OutputRecord } from './harness/collecting-sink.ts'
export type { TestLookup } from './harness/test-lookup.ts'
export type { TestMetrics } from './harness/test-metrics.ts'
export type { TestSnapshot } from './harness/test-snapshot.ts'
