import { count, early, job, late, sum, tumbling, type Aggregate, type JobDefinition } from '@lightflus/api'
import fc from 'fast-check'
import { anyRun } from '../../testing/any-run.ts'
import { foldedRows, sortedTexts } from '../../testing/folded-rows.ts'
import { plainRun, runJob, type JobRun } from '../../testing/job-runs.ts'
import { listSink, listSource } from '../../testing/list-job.ts'
import { anyUpserts, rowsInTheEnd, upsertData, upsertedRows, type TestRow, type Upsert } from '../../testing/upserts.ts'

// Goal: what a changelog amounts to is what a query over the rows that are there in the end says, however the job is cut,
// spread, interrupted and resumed; and in a bounded job it consists of those rows alone.

/** All numbers, which come out sorted: an accumulator that is changed in place. */
const numbers: Aggregate<TestRow, number[], number[]> & Required<Pick<Aggregate, 'retract'>> = {
  create: () => [],
  add: (all, { n }) => (all.push(n), all),
  retract: (all: number[], { n }: TestRow) => (all.splice(all.indexOf(n), 1), all),
  merge: (a, b) => [...a, ...b],
  result: (all) => all.sort((a, b) => a - b),
}

async function expectRows(built: JobDefinition, upserts: readonly Upsert[], way: JobRun, expected: readonly unknown[]) {
  const { rows, last } = await runJob(built, { in: upsertData(upserts) }, way)
  expect(last.ending).toBe('FINISHED')
  expect(foldedRows(rows)).toEqual(sortedTexts(expected))
  return rows
}

const byKey = <T extends { key: string }>(rows: readonly T[]) => [...Map.groupBy(rows, ({ key }) => key)]
const totalOf = (rows: readonly { n: number }[]) => rows.reduce((total, { n }) => total + n, 0)
const isInsert = ({ change = 'insert' }: { change?: string }) => change === 'insert'

const cases = [anyUpserts, fc.boolean(), anyRun] as const

test('rows by id that come, change and go', async () => {
  await fc.assert(
    fc.asyncProperty(...cases, async (upserts, bounded, way) => {
      const built = job('rows', (flow) => upsertedRows(flow, 'in', bounded).sinkTo(listSink(), { name: 'out' }))
      const rows = await expectRows(built, upserts, way, rowsInTheEnd(upserts))
      if (bounded) expect(rows.every(isInsert)).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('aggregates over a changelog, and aggregates over those', async () => {
  await fc.assert(
    fc.asyncProperty(...cases, async (upserts, bounded, way) => {
      const built = job('aggregates', (flow) => {
        const perKey = upsertedRows(flow, 'in', bounded)
          .keyBy(({ key }) => key)
          .aggregate({ n: count(), total: sum((row) => row.n), numbers })
        perKey.sinkTo(listSink(), { name: 'per-key' })
        perKey
          .keyBy(({ n }) => n)
          .aggregate({ keys: count(), total: sum((row) => row.total) })
          .sinkTo(listSink(), { name: 'per-count' })
      })
      const perKey = byKey(rowsInTheEnd(upserts)).map(([key, rows]) => ({
        key,
        n: rows.length,
        total: totalOf(rows),
        numbers: rows.map(({ n }) => n).sort((a, b) => a - b),
      }))
      const perCount = [...Map.groupBy(perKey, ({ n }) => n)].map(([key, rows]) => ({
        key,
        keys: rows.length,
        total: rows.reduce((total, row) => total + row.total, 0),
      }))
      const rows = await expectRows(built, upserts, way, [...perKey, ...perCount])
      if (bounded) expect(rows).toHaveLength(perKey.length + perCount.length)
    }),
    { numRuns: 300 },
  )
})

test('a running aggregate and a running reduce as changelogs', async () => {
  await fc.assert(
    fc.asyncProperty(...cases, async (upserts, bounded, way) => {
      const built = job('running', (flow) => {
        const records = flow.source(listSource<Upsert>({ bounded }), { name: 'in' }).keyBy(({ key }) => key)
        records.aggregate({ n: count() }, { emit: 'changelog' }).sinkTo(listSink(), { name: 'counted' })
        records
          .reduce((a, b) => (b.n > a.n || (b.n === a.n && b.id > a.id) ? b : a), { emit: 'changelog' })
          .map(({ value: { key, id, n } }) => ({ key, id, n }))
          .sinkTo(listSink(), { name: 'reduced' })
      })
      const counted = byKey(upserts).map(([key, rows]) => ({ key, n: rows.length }))
      const reduced = byKey(upserts).map(([key, rows]) => {
        const most = Math.max(...rows.map(({ n }) => n))
        return { key, id: Math.max(...rows.filter(({ n }) => n === most).map(({ id }) => id)), n: most }
      })
      const rows = await expectRows(built, upserts, way, [...counted, ...reduced])
      if (bounded) expect(rows).toHaveLength(counted.length + reduced.length)
    }),
    { numRuns: 200 },
  )
})

test('the best rows of each key over records and over a changelog', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...cases,
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom('ascending' as const, 'descending' as const),
      fc.boolean(),
      async (upserts, bounded, way, most, order, overChangelog) => {
        const by = ({ n }: TestRow) => n
        const built = job('best', (flow) => {
          const ranked = overChangelog
            ? upsertedRows(flow, 'in', bounded)
                .keyBy(({ key }) => key)
                .topN(most, { by, order })
            : flow
                .source(listSource<Upsert>({ bounded }), { name: 'in' })
                .map(({ key, n }): TestRow => ({ key, n }))
                .keyBy(({ key }) => key)
                .topN(most, { by, order })
          ranked.sinkTo(listSink(), { name: 'out' })
        })
        const there = overChangelog ? rowsInTheEnd(upserts) : upserts.map(({ key, n }) => ({ key, n }))
        const expected = byKey(there).flatMap(([key, rows]) =>
          rows
            .sort((a, b) => (order === 'ascending' ? a.n - b.n : b.n - a.n))
            .slice(0, most)
            .map((value, index) => ({ key, rank: index + 1, value })),
        )
        const rows = await expectRows(built, upserts, way, expected)
        if (bounded) expect(rows).toHaveLength(expected.length)
      },
    ),
    { numRuns: 300 },
  )
})

test('aggregates over windows whose panes take each other back', async () => {
  await fc.assert(
    fc.asyncProperty(...cases, fc.integer({ min: 1, max: 20 }), async (upserts, bounded, way, sizeMs) => {
      const built = job('windows', (flow) =>
        flow
          .source(listSource<Upsert>({ bounded }), { name: 'in' })
          .keyBy(({ id }) => id)
          .window(tumbling(sizeMs), {
            panes: 'retracting',
            trigger: [early.count(2), late.each()],
            allowedLateness: '1h',
            name: 'windows',
          })
          .aggregate({ n: count(), total: sum((row) => row.n) })
          .keyBy(({ n }) => n)
          .aggregate({ windows: count(), total: sum((row) => row.total) }, { name: 'windows-by-size' })
          .sinkTo(listSink(), { name: 'out' }),
      )
      const indexed = upserts.map((upsert, index) => ({ ...upsert, start: Math.floor(index / sizeMs) }))
      const windows = [...Map.groupBy(indexed, ({ id, start }) => `${id} ${start}`).values()]
      const expected = [...Map.groupBy(windows, ({ length }) => length)].map(([key, all]) => ({
        key,
        windows: all.length,
        total: totalOf(all.flat()),
      }))
      await expectRows(built, upserts, way, expected)
    }),
    { numRuns: 200 },
  )
})

test.each([1, 3])('final rows are in time for the windows that follow, with %i subtasks', async (parallelism) => {
  const built = job('late-rows', (flow) =>
    flow
      .source(listSource<string>({ bounded: true }), { name: 'in' })
      .keyBy((word) => word)
      .aggregate({ n: count() })
      .keyBy(() => 'all')
      .window(tumbling(100))
      .aggregate({ words: count() })
      .sinkTo(listSink(), { name: 'out' }),
  )
  const data = { p: ['a', 'b', 'c', 'c', 'c'].map((payload, index) => ({ payload, timestamp: 60 * index })) }
  const { rows, last } = await runJob(built, { in: data }, { ...plainRun, cuts: [1], parallelism })
  expect(rows.map(({ value }) => value)).toMatchObject([
    { window: { start: 0 }, words: 2 },
    { window: { start: 200 }, words: 1 },
  ])
  expect(last.metrics.reduce((late, { recordsLate }) => late + recordsLate, 0)).toBe(0)
})

test('the first record of each key', async () => {
  await fc.assert(
    fc.asyncProperty(...cases, async (upserts, bounded, way) => {
      const built = job('first', (flow) => {
        flow
          .source(listSource<Upsert>({ bounded }), { name: 'in' })
          .keyBy(({ id }) => id)
          .deduplicate()
          .sinkTo(listSink(), { name: 'out' })
      })
      const first = upserts.filter(({ id }, index) => !upserts.slice(0, index).some((earlier) => earlier.id === id))
      await expectRows(built, upserts, way, first)
    }),
    { numRuns: 200 },
  )
})
