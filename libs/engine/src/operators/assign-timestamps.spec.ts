import { job, type OperatorDefinition } from '@lightflus/api'
import fc from 'fast-check'
import { maxWatermark, minWatermark } from '../record.ts'
import type { CollectedRow } from '../testing/list-connector.ts'
import { listSource } from '../testing/list-job.ts'
import { LocalAttempt } from '../testing/local-attempt.ts'
import { operatorContext } from '../testing/operator-context.ts'
import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'
import { anyRun } from '../testing/any-run.ts'
import { runJob } from '../testing/job-runs.ts'
import { VirtualHost } from '../testing/virtual-host.ts'
import { countInWindows, expectWindowCounts } from '../testing/window-counts.ts'
import { createAssignTimestamps } from './assign-timestamps.ts'

interface Dated {
  readonly t: number
}

const tested = (more: Partial<TestedOperator<'assignTimestamps'>> = {}): TestedOperator<'assignTimestamps'> => ({
  kind: 'assignTimestamps',
  create: createAssignTimestamps,
  options: { watermark: { kind: 'boundedOutOfOrderness', outOfOrdernessMs: 10 }, maxClockAheadMs: null },
  functions: { eventTime: ({ t }: Dated) => t },
  ...more,
})
const batch = (...times: number[]) => ({ values: times.map((t) => ({ t })), timestamps: times.map(() => 0) })
const output = { emit() {}, emitSide() {} }

test('records go on with their new times', async () => {
  await runTable(
    tested(),
    `in :{"t":100}@1 :{"t":50}@2 :{"t":70}
     out {"t":100}@100
     out {"t":50}@50
     out {"t":70}@70
     wm 1000
     out`,
  )
})

test('a record without an event time is told with what is wrong with it, or skipped', async () => {
  const { operator } = makeOperator(tested())
  expect(() => operator.processBatch({ ...batch(1), values: [{ t: NaN }] }, output, 0)).toThrow(
    expect.objectContaining({ code: 'LF_RECORD_EVENT_TIME', message: expect.stringContaining('returned NaN') }),
  )
  const { metrics } = await runTable(
    tested({ onError: 'skip', functions: { eventTime: (value: Dated | null) => value!.t } }),
    `in :{"t":1} :null :{"t":"soon"} :{"t":4}
     out {"t":1}@1
     out {"t":4}@4`,
  )
  expect(metrics.recordsSkipped).toBe(2)
})

test('its watermark follows from the new times, never goes back, and only the last one comes from above', async () => {
  const { operator } = makeOperator(tested())
  const told = () => operator.outputWatermark!(500)
  expect(told()).toBe(minWatermark)
  void operator.processBatch(batch(100, 20), output, 0)
  expect(told()).toBe(90)
  void operator.processBatch(batch(30), output, 0)
  expect(told()).toBe(90)
  expect(operator.outputWatermark!(maxWatermark)).toBe(maxWatermark)
})

test('restored it goes on where it was: each subtask by itself, at another parallelism from the least', () => {
  const state = (index: number, watermark: number) => ({ index, parallelism: 2, watermark })
  const restored = (index: number, parallelism: number) => {
    const { options, functions } = tested()
    const definition = { node: { id: 'at', kind: 'assignTimestamps', named: true, options }, functions }
    const context = operatorContext(definition as OperatorDefinition<'assignTimestamps'>)
    const operator = createAssignTimestamps({ ...context, subtask: { index, parallelism } })
    operator.restore({ subtasks: [state(0, 80), state(1, 60)], keyGroups: new Map() })
    return operator.outputWatermark!(minWatermark)
  }
  expect([restored(0, 2), restored(1, 2), restored(0, 1), restored(2, 3)]).toEqual([80, 60, 60, 60])
})

test('a rule of the program is asked every 50 ms as well, and its state is in the snapshot', async () => {
  const rule = tested({
    options: { watermark: { kind: 'custom' }, maxClockAheadMs: null },
    functions: {
      eventTime: ({ t }: Dated) => t,
      watermark: {
        state: () => ({ n: 0 }),
        onRecord: (state) => void state.n++,
        onPeriodic: (state, now) => state.n * 1_000 + now,
      },
    },
  })
  const host = new VirtualHost()
  const { operator } = makeOperator(rule, host)
  await operator.processBatch(batch(1, 2), output, 0)
  expect(operator.outputWatermark!(0)).toBe(2_000)
  expect(operator.processingTimeDue!()).toBe(50)
  await operator.onProcessingTime!(50, output)
  expect(operator.outputWatermark!(0)).toBe(2_050)
  const next = makeOperator(rule, host)
  next.operator.restore({ subtasks: [structuredClone(operator.snapshot()!.subtask)], keyGroups: new Map() })
  await next.operator.processBatch(batch(3), output, 0)
  expect(next.operator.outputWatermark!(0)).toBe(3_000)
})

test('records ahead of the clock go on, counted, without moving the watermark; those of input that ends move it', () => {
  const guarded = tested({
    options: { watermark: { kind: 'monotonic' }, maxClockAheadMs: 1_000 },
    functions: { eventTime: ({ t }: Dated) => t },
  })
  const { operator, metrics } = makeOperator(guarded)
  void operator.processBatch(batch(100, 5_000, 200), output, 0)
  expect(operator.outputWatermark!(0)).toBe(200)
  expect(metrics.recordsAhead).toBe(1)
  const bounded = makeOperator({ ...guarded, bounded: true })
  void bounded.operator.processBatch(batch(100, 5_000, 200), output, 0)
  expect(bounded.operator.outputWatermark!(0)).toBe(5_000)
})

interface Late {
  readonly sent: number
  readonly t: number
}

/** The source says nothing of time; windows are by what assignTimestamps reads from the records. */
const dated = (outOfOrdernessMs: number) =>
  job('dated', (flow) => {
    const records = flow
      .source(listSource<Late>({ watermark: { kind: 'atEnd' } }), { name: 'in' })
      .map((value) => value)
      .assignTimestamps(
        { eventTime: ({ t }) => t, outOfOrderness: outOfOrdernessMs, maxClockAhead: null },
        { name: 'at' },
      )
    countInWindows(records, 20)
  })

// One partition, so that its order is the operator's: with several, records of one are late by the other's.
test('windows behind it hold every record by its new time, however the job is run and interrupted', async () => {
  const records = fc.array(fc.record({ step: fc.nat(15), back: fc.nat(30) }), { maxLength: 40 }).map((steps) => {
    let newest = 0
    return steps.map(({ step, back }): Late => ({ sent: (newest += step), t: newest - back }))
  })
  await fc.assert(
    fc.asyncProperty(records, anyRun, async (all, way) => {
      const data = { in: { p: all.map((payload) => ({ payload, timestamp: 0 })) } }
      const result = await runJob(dated(30), data, way)
      expectWindowCounts(
        result,
        all.map(({ t }) => t),
        20,
      )
    }),
    { numRuns: 200 },
  )
})

test('windows behind it fire while the input goes on, in the same chain and across an exchange', async () => {
  const all = Array.from({ length: 30 }, (_, i): Late => ({ sent: i, t: i * 10 }))
  for (const parallelism of [1, 2]) {
    const collected: CollectedRow[] = []
    let whileReading = 0
    const sources = { in: { p: all.map((payload) => ({ payload, timestamp: 0 })) } }
    const onPoll = () => {
      whileReading = collected.length
    }
    const job = dated(0)
    await new LocalAttempt({ job, parallelism, world: { sources, collected, cut: () => 3, onPoll } }).run()
    expect({ parallelism, most: whileReading > collected.length / 2 }).toEqual({ parallelism, most: true })
  }
})
