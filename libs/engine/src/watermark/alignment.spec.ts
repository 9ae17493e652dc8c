import { job, type JobDefinition } from '@lightflus/api'
import fc from 'fast-check'
import { maxWatermark, minWatermark } from '../record.ts'
import type { CollectedRow, ListData } from '../testing/list-connector.ts'
import { anyRun } from '../testing/any-run.ts'
import { listSink, listSource } from '../testing/list-job.ts'
import { LocalAttempt } from '../testing/local-attempt.ts'
import { plainRun, runJob } from '../testing/job-runs.ts'
import { countInWindows, expectWindowCounts } from '../testing/window-counts.ts'
import { SourceAlignment } from './alignment.ts'

interface Placed {
  readonly partition: string
  readonly t: number
}

/** Two sources, each with its sink: nothing but the alignment ties them together. */
const twoSources = (maxDriftMs: number | undefined, idlenessMs: number | null = null): JobDefinition =>
  job('aligned', (flow) => {
    for (const name of ['a', 'b'])
      flow
        .source(
          listSource<Placed>({
            eventTime: ({ t }) => t,
            idlenessMs,
            ...(maxDriftMs !== undefined && { alignment: { group: 'both', maxDriftMs } }),
          }),
          { name },
        )
        .sinkTo(listSink(), { name: `${name}-out` })
  })

/** By partition, rising event times. */
type Times = Readonly<Record<string, readonly number[]>>
const dataOf = (times: Times): ListData =>
  Object.fromEntries(
    Object.entries(times).map(([partition, all]) => [
      partition,
      all.map((t) => ({ payload: { partition, t } satisfies Placed, timestamp: 0 })),
    ]),
  )

/**
 * The furthest that a partition was ahead of the least one that was still being read, when it was read on: from the
 * order of what was written, and nothing else.
 */
function furthestAhead(rows: readonly CollectedRow[], times: Times): number {
  const reached = new Map(Object.keys(times).map((partition) => [partition, 0]))
  const newest = (partition: string) =>
    reached.get(partition) === 0 ? minWatermark : times[partition][reached.get(partition)! - 1]
  let furthest = 0
  for (const { value } of rows) {
    const { partition } = value as Placed
    const live = Object.keys(times).filter((each) => reached.get(each)! < times[each].length)
    const least = Math.min(...live.map(newest))
    if (newest(partition) !== minWatermark) furthest = Math.max(furthest, newest(partition) - least)
    reached.set(partition, reached.get(partition)! + 1)
  }
  return furthest
}

const rising = fc.array(fc.nat(60), { maxLength: 25 }).map((steps) => {
  let t = 0
  return steps.map((step) => (t += step))
})
const partitions = (name: string) =>
  fc
    .array(rising, { minLength: 1, maxLength: 3 })
    .map((all): Times => Object.fromEntries(all.map((times, number) => [`${name}/${number}`, times])))

test('no partition is read on while it is further ahead of the slowest than the drift, and all is read', async () => {
  await fc.assert(
    fc.asyncProperty(
      partitions('a'),
      partitions('b'),
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 1, max: 3 }),
      fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
      async (a, b, maxDriftMs, parallelism, suspendAt) => {
        const interruptions =
          suspendAt === undefined ? [] : [{ how: 'suspend' as const, atPoll: suspendAt, parallelismAfter: 2 }]
        const run = { ...plainRun, parallelism, cuts: [1], interruptions }
        const times = { ...a, ...b }
        const { rows, last } = await runJob(twoSources(maxDriftMs), { a: dataOf(a), b: dataOf(b) }, run)
        expect(last.ending).toBe('FINISHED')
        expect(furthestAhead(rows, times)).toBeLessThanOrEqual(maxDriftMs)
        const read = rows.map(({ value }) => `${(value as Placed).partition} ${(value as Placed).t}`).sort()
        const all = Object.entries(times).flatMap(([partition, own]) => own.map((t) => `${partition} ${t}`))
        expect(read).toEqual(all.sort())
      },
    ),
    { numRuns: 300 },
  )
})

const meeting = (maxDriftMs: number): JobDefinition =>
  job('meeting', (flow) => {
    const alignment = { group: 'both', maxDriftMs }
    const source = (name: string) => flow.source(listSource<Placed>({ eventTime: ({ t }) => t, alignment }), { name })
    countInWindows(source('a').union(source('b')), 50)
  })

test('where they meet behind exchanges, nobody waits for ever, and nothing is late or lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      partitions('a'),
      partitions('b'),
      fc.integer({ min: 0, max: 200 }),
      anyRun,
      async (a, b, maxDriftMs, run) => {
        const result = await runJob(meeting(maxDriftMs), { a: dataOf(a), b: dataOf(b) }, run)
        expectWindowCounts(result, [...Object.values(a), ...Object.values(b)].flat(), 50)
      },
    ),
    { numRuns: 200 },
  )
})

const fast = { 'a/0': Array.from({ length: 50 }, (_, i) => i * 100) }
const slow = { 'b/0': Array.from({ length: 50 }, (_, i) => i) }

test('without alignment the fast one runs away', async () => {
  const sources = { a: dataOf(fast), b: dataOf(slow) }
  const apart = await runJob(twoSources(undefined), sources, { ...plainRun, cuts: [1] })
  expect(furthestAhead(apart.rows, { ...fast, ...slow })).toBeGreaterThan(4_000)
  const together = await runJob(twoSources(300), sources, { ...plainRun, cuts: [1] })
  expect(furthestAhead(together.rows, { ...fast, ...slow })).toBeLessThanOrEqual(300)
})

test('a source that is held still hands in its part of checkpoints', async () => {
  const collected: CollectedRow[] = []
  let polls = 0
  const attempt = new LocalAttempt({
    job: twoSources(0),
    parallelism: 1,
    world: {
      sources: { a: dataOf(fast), b: dataOf(slow) },
      collected,
      cut: () => 1,
      onPoll: () => ++polls % 10 === 0 && attempt.tell({ type: 'intervalElapsed' }),
    },
  })
  const { checkpoints } = await attempt.run()
  const positions = checkpoints.map(({ snapshots }) =>
    snapshots.map(({ operators }) => (operators[0].subtask as { positions: Record<string, number> }).positions),
  )
  expect(positions[1]).toEqual([{ 'a/0': 2 }, { 'b/0': expect.any(Number) }])
})

test('of one group it tells the least; who is not in one waits for none', () => {
  const { graph } = job('groups', (flow) => {
    const sources = ['x', 'y', 'x', undefined].map((group, number) =>
      flow.source(listSource<number>(group === undefined ? {} : { alignment: { group, maxDriftMs: 1 } }), {
        name: `s${number}`,
      }),
    )
    for (const source of sources) source.sinkTo(listSink())
  }).build()
  const memory = new SharedArrayBuffer(SourceAlignment.bytes(graph, 2))
  expect(memory.byteLength).toBe(3 * 2 * 8)
  const [here, there] = [new SourceAlignment(graph, 2, memory), new SourceAlignment(graph, 2, memory)]
  expect(here.port('s3', 0)).toBeUndefined()
  const ports = [here.port('s0', 0)!, there.port('s0', 1)!, here.port('s2', 0)!, there.port('s2', 1)!]
  expect(ports[0].least()).toBe(minWatermark)
  ports.forEach((port, number) => port.report(1_700_000_000_000 + number))
  expect(ports[3].least()).toBe(1_700_000_000_000)
  ports[0].report(maxWatermark)
  expect(ports.map((port) => port.least())).toEqual(new Array(4).fill(1_700_000_000_001))
  expect(here.port('s1', 0)!.least()).toBe(minWatermark)
})
