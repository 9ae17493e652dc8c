import { count, tumbling, type Stream } from '@lightflus/api'
import type { RunResult } from './job-runs.ts'
import { listSink } from './list-job.ts'
import { windowsByDefinition } from './window-oracle.ts'

// Windows that only count, behind what is tested: they show whether it let each record reach its window once and in time.

export interface Timed {
  /** Event time, milliseconds. */
  readonly t: number
}

const keyOf = (t: number) => t % 3

/** Ends a flow in counts by tumbling window of some keys. */
export function countInWindows(records: Stream<Timed>, sizeMs: number): void {
  records
    .keyBy(({ t }) => keyOf(t))
    .window(tumbling(sizeMs), { name: 'windows' })
    .aggregate({ n: count() })
    .sinkTo(listSink(), { name: 'out' })
}

/** @param times of all records that were read */
export function expectWindowCounts({ rows, last }: RunResult, times: readonly number[], sizeMs: number): void {
  const expected = windowsByDefinition(
    times.map((t) => ({ key: keyOf(t), amount: 0, timestamp: t })),
    sizeMs,
  )
  expect(lines(rows.map(({ value }) => value as Counted))).toEqual(lines(expected))
  expect(last.metrics.reduce((late, { recordsLate }) => late + recordsLate, 0)).toBe(0)
}

interface Counted {
  readonly key: unknown
  readonly window: { readonly start: number }
  readonly n: number
}

const lines = (windows: readonly Counted[]) =>
  windows.map(({ key, window, n }) => `${String(key)} ${window.start} ${n}`).sort()
