import { job, tumbling, count, type WatermarkKind } from '@lightflus/api'
import fc from 'fast-check'
import { createRecordFailures } from '../operators/record-failures.ts'
import { minWatermark, noTimestamp } from '../record.ts'
import { createOperatorMetrics } from '../subtask/metrics.ts'
import { listSink, listSource, type ListSourceOptions } from '../testing/list-job.ts'
import { plainRun, runJob } from '../testing/job-runs.ts'
import { ClockGuard } from './clock-guard.ts'
import { createWatermarkStrategy, type WatermarkStrategy } from './watermark-strategy.ts'

interface Reading {
  readonly at: number
  readonly complete?: unknown
}

function guarded(
  watermark: WatermarkKind,
  functions: Parameters<typeof createWatermarkStrategy>[1] = undefined,
  { maxClockAheadMs = null as number | null, onError = 'fail' as 'fail' | 'skip', now = 0 } = {},
) {
  const metrics = createOperatorMetrics('in')
  const lines: string[] = []
  const log = (_level: string, message: string) => void lines.push(message)
  const failures = createRecordFailures({ job: 'test', operator: 'in', onError, metrics, log })
  const guard = new ClockGuard({ maxClockAheadMs, clock: { now: () => now }, metrics, log })
  const strategy: WatermarkStrategy = createWatermarkStrategy(watermark, functions, failures)
  const partition = strategy(undefined)
  let position = 0
  /** The watermark that a batch calls for, and what is left of it. */
  const take = (...readings: Reading[]) => {
    const timestamps = readings.map(({ at }) => at)
    const origin = { partition: 'p', positions: readings.map(() => position++) }
    return guard.take(partition, { values: readings, timestamps, origin }, Math.max(noTimestamp, ...timestamps))
  }
  return { take, partition, strategy, metrics, lines }
}
const at = (...times: number[]): Reading[] => times.map((time) => ({ at: time }))

test('bounded out-of-orderness and monotonic follow the newest record of a batch', () => {
  const bounded = guarded({ kind: 'boundedOutOfOrderness', outOfOrdernessMs: 10 })
  expect(bounded.take(...at(5, 30, 20)).watermark).toBe(20)
  expect(bounded.take(...at(1)).watermark).toBe(-9)
  expect(bounded.take(...at(noTimestamp)).watermark).toBe(minWatermark)
  expect(guarded({ kind: 'monotonic' }).take(...at(5, 30, 20)).watermark).toBe(30)
})

test('at the end: none before', () => {
  expect(guarded({ kind: 'atEnd' }).take(...at(5, 30)).watermark).toBe(minWatermark)
})

const from = { from: (value: unknown) => (value as Reading).complete as number }

test('from a field: the greatest that records tell, which need not be all', () => {
  const { take } = guarded({ kind: 'fromField' }, from)
  expect(take({ at: 50 }, { at: 60, complete: 40 }, { at: 70, complete: null }, { at: 80, complete: 30 })).toEqual({
    watermark: 40,
    batch: expect.objectContaining({ timestamps: [50, 60, 70, 80] }),
  })
  expect(take({ at: 90 }).watermark).toBe(minWatermark)
})

test('a field that is no time is told with the record; under skip the record is left out', () => {
  const readings = [
    { at: 1, complete: 10 },
    { at: 2, complete: 'soon' },
    { at: 3, complete: NaN },
    { at: 4, complete: 5 },
  ]
  expect(() => guarded({ kind: 'fromField' }, from).take(...readings)).toThrow(
    expect.objectContaining({ code: 'LF_RECORD_EVENT_TIME', message: expect.stringContaining('record p@1') }),
  )
  const skipping = guarded({ kind: 'fromField' }, from, { onError: 'skip' })
  expect(skipping.take(...readings)).toEqual({
    watermark: 10,
    batch: expect.objectContaining({ timestamps: [1, 4], values: [readings[0], readings[3]] }),
  })
  expect(skipping.metrics.recordsSkipped).toBe(2)
  const throwing = guarded(
    { kind: 'fromField' },
    { from: (value) => (value as { a: { b: number } }).a.b },
    { onError: 'skip' },
  )
  expect(throwing.take(...at(1, 2))).toMatchObject({ watermark: minWatermark, batch: { values: [] } })
})

test('a rule of the program: state by partition, asked for each record and in between', () => {
  const rule = {
    state: () => ({ newest: 0, seen: 0 }),
    onRecord: (state: { newest: number; seen: number }, value: unknown, timestamp: number | null) => {
      state.newest = Math.max(state.newest, timestamp ?? 0)
      return ++state.seen % 3 === 0 ? state.newest - 1 : undefined
    },
    onPeriodic: (state: { newest: number }, now: number) => state.newest - 100 + now,
  }
  const { take, partition, strategy } = guarded({ kind: 'custom' }, rule)
  expect(take(...at(500, 300)).watermark).toBe(minWatermark)
  expect(partition.onPeriodic(7)).toBe(407)
  const restored = strategy(structuredClone(partition.snapshot()))
  expect(take(...at(noTimestamp)).watermark).toBe(499)
  expect(restored.onPeriodic(0)).toBe(400)
  expect(restored.snapshot()).toEqual({ newest: 500, seen: 2 })
  expect(strategy(undefined).snapshot()).toEqual({ newest: 0, seen: 0 })
})

test('what lies ahead of the clock is counted and told, with its place, and moves nothing', () => {
  const options = { maxClockAheadMs: 1_000, now: 10_000 }
  const { take, metrics, lines } = guarded({ kind: 'monotonic' }, undefined, options)
  expect(take(...at(9_000, 99_000, 10_500)).watermark).toBe(10_500)
  expect(take(...at(11_000)).watermark).toBe(11_000)
  expect(take(...at(11_001))).toEqual({
    watermark: minWatermark,
    batch: expect.objectContaining({ timestamps: [11_001] }),
  })
  expect(metrics.recordsAhead).toBe(2)
  expect(lines).toEqual([expect.stringMatching(/^1 so far lie.* more than 1 s beyond .*p@1 at 1970-01-01T00:01:39/)])
  for (let i = 0; i < 200; i++) take(...at(99_000))
  expect(lines).toHaveLength(3)
  const field = guarded({ kind: 'fromField' }, from, options)
  expect(field.take({ at: 1, complete: 2_000 }, { at: 1, complete: 50_000 }, { at: 50_000, complete: 3_000 })).toEqual({
    watermark: 2_000,
    batch: expect.objectContaining({ timestamps: [1, 1, 50_000] }),
  })
  expect(field.metrics.recordsAhead).toBe(2)
})

const outOfOrdernessMs = 20
const perWindow = (more: ListSourceOptions<{ t: number }>) =>
  job('windows', (flow) => {
    flow
      .source(listSource<{ t: number }>({ eventTime: ({ t }) => t, outOfOrdernessMs, ...more }), { name: 'in' })
      .keyBy(({ t }) => t % 2)
      .window(tumbling(25), { name: 'windows' })
      .aggregate({ n: count() })
      .sinkTo(listSink(), { name: 'out' })
  })
const rowsOf = async (
  more: ListSourceOptions<{ t: number }>,
  partitions: readonly (readonly number[])[],
  cuts: number[],
) => {
  const data = partitions.map((times, number) => [`p/${number}`, times.map((t) => ({ payload: { t }, timestamp: 0 }))])
  const { rows, last } = await runJob(perWindow(more), { in: Object.fromEntries(data) }, { ...plainRun, cuts })
  const texts = rows.map(({ value }) => {
    const { key, window, n } = value as { key: number; window: { start: number }; n: number }
    return `${key} ${window.start} ${n}`
  })
  return { texts: texts.sort(), late: last.metrics.reduce((sum, { recordsLate }) => sum + recordsLate, 0), last }
}

/** Naively: how many of each key and window. */
function countsOf(times: readonly number[]): string[] {
  const counts = new Map<string, number>()
  for (const t of times) {
    const id = `${t % 2} ${Math.floor(t / 25) * 25}`
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return [...counts].map(([id, n]) => `${id} ${n}`).sort()
}

const disordered = fc
  .array(fc.record({ step: fc.nat(15), back: fc.nat(outOfOrdernessMs) }), { minLength: 1, maxLength: 30 })
  .map((steps) => {
    let newest = outOfOrdernessMs
    return steps.map(({ step, back }) => (newest += step) - back)
  })
const cutsOf = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 })

test('records ahead of the clock, wherever they come, never make others late', async () => {
  const poison = fc.record({ place: fc.nat(30), ahead: fc.integer({ min: 1, max: 1e12 }) })
  await fc.assert(
    fc.asyncProperty(
      fc.array(disordered, { minLength: 1, maxLength: 3 }),
      fc.array(poison, { minLength: 1, maxLength: 4 }),
      cutsOf,
      async (partitions, poisons, cuts) => {
        const maxClockAheadMs = 1_000
        const poisoned = partitions.map((times) => [...times])
        // The clock of the test stands at 0, give or take the pauses of readers.
        poisons.forEach(({ place, ahead }, number) =>
          poisoned[number % poisoned.length].splice(place, 0, maxClockAheadMs + 1e6 + ahead),
        )
        const { texts, late, last } = await rowsOf({ maxClockAheadMs }, poisoned, cuts)
        expect(late).toBe(0)
        expect(texts).toEqual(countsOf(poisoned.flat()))
        expect(last.metrics.find(({ operator }) => operator === 'in')!.recordsAhead).toBe(poisons.length)
      },
    ),
    { numRuns: 200 },
  )
})

test('one such record makes others late where there is no bound', async () => {
  const { late } = await rowsOf({ maxClockAheadMs: null }, [[30, 1e9, 31, 60]], [1])
  expect(late).toBe(2)
})

test('whatever tells the watermark: nothing that keeps to it is late, and every window is whole', async () => {
  const strategies: ListSourceOptions<{ t: number }>[] = [
    {},
    { watermark: { kind: 'atEnd' }, bounded: true },
    {
      watermark: { kind: 'fromField' },
      watermarkFunctions: { from: ({ t }: { t: number }) => (t % 4 === 0 ? t - outOfOrdernessMs : null) },
    },
    {
      watermark: { kind: 'custom' },
      watermarkFunctions: {
        state: () => ({ newest: 0 }),
        onRecord: (state: { newest: number }, { t }: { t: number }) => void (state.newest = Math.max(state.newest, t)),
        onPeriodic: (state: { newest: number }) => state.newest - outOfOrdernessMs,
      },
    },
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...strategies),
      fc.array(disordered, { minLength: 1, maxLength: 3 }),
      cutsOf,
      async (strategy, partitions, cuts) => {
        const { texts, late } = await rowsOf(strategy, partitions, cuts)
        expect(late).toBe(0)
        expect(texts).toEqual(countsOf(partitions.flat()))
      },
    ),
    { numRuns: 200 },
  )
})
