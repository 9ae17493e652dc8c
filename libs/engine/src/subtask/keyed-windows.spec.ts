import { count, job, min, sum, tumbling, type Flow } from '@lightflus/api'
import fc from 'fast-check'
import { anyRun } from '../testing/any-run.ts'
import { runJob } from '../testing/job-runs.ts'
import { listSink, listSource } from '../testing/list-job.ts'
import type { ListData } from '../testing/list-connector.ts'
import { windowsByDefinition, type OracleRecord } from '../testing/window-oracle.ts'

/** How far out of order a partition's records may be, milliseconds: the source is told the same. */
const outOfOrdernessMs = 50

const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', 1, 2, '1', true) },
  { weight: 1, arbitrary: fc.string({ maxLength: 3 }) },
)

/** A partition whose event times rise on the whole, and go back by no more than is allowed. */
const partition = fc
  .array(
    fc.record({ key, amount: fc.integer({ min: -9, max: 9 }), step: fc.nat(30), back: fc.nat(outOfOrdernessMs) }),
    { maxLength: 40 },
  )
  .map((steps) => {
    let newest = -100
    return steps.map(({ key: own, amount, step, back }): OracleRecord => {
      newest += step
      return { key: own, amount, timestamp: newest - back }
    })
  })

function windowJob(sizeMs: number, reads: 'one source' | 'filtered') {
  return job('windows', (flow: Flow) => {
    const source = flow.source(
      listSource<OracleRecord>({ outOfOrdernessMs, eventTime: ({ timestamp }) => timestamp }),
      { name: 'in' },
    )
    const records =
      reads === 'filtered' ? source.filter(({ amount }) => amount % 2 === 0) : source.map((record) => record)
    records
      .keyBy((record) => record.key)
      .window(tumbling(sizeMs), { name: 'windows' })
      .aggregate({ n: count(), total: sum((r) => r.amount), least: min((r) => r.amount) })
      .sinkTo(listSink(), { name: 'out' })
  })
}

/** Nothing is late, and nothing asks for more than one result. */
const pane = { timing: 'onTime', index: 0, isFirst: true, isLast: true }

const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort()

test('keyed windows are what their definition says, however the job is cut, spread, interrupted and resumed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(partition, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 120 }),
      fc.constantFrom('one source' as const, 'filtered' as const),
      anyRun,
      async (partitions, sizeMs, reads, way) => {
        const data: ListData = Object.fromEntries(
          partitions.map((records, number) => [
            `p/${number}`,
            records.map((record) => ({ payload: record, timestamp: 0 })),
          ]),
        )
        const all = partitions.flat().filter(({ amount }) => reads === 'one source' || amount % 2 === 0)
        const { rows, last } = await runJob(windowJob(sizeMs, reads), { in: data }, way)
        expect(last.ending).toBe('FINISHED')
        expect(sorted(rows.map(({ value }) => value))).toEqual(
          sorted(
            all.length === 0
              ? []
              : windowsByDefinition(all, sizeMs).map(({ key, window, ...results }) => ({
                  key,
                  window,
                  pane,
                  ...results,
                })),
          ),
        )
        for (const { value, timestamp } of rows)
          expect(timestamp).toBe((value as { window: { end: number } }).window.end - 1)
        expect(last.metrics.reduce((late, { recordsLate }) => late + recordsLate, 0)).toBe(0)
      },
    ),
    { numRuns: 500 },
  )
})
