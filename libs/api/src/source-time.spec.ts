import { expectTypeOf } from 'expect-type'
import { z } from 'zod'
import { files, generator, job, kafka, table, type CustomWatermark, type SourceTimeOptions } from './index.ts'

// Goal: the graph says how a source tells its watermark, functions see the record's type, and contradictions are refused.

const Order = z.object({ id: z.string(), at: z.number(), completeUntil: z.number().nullable() })
type Order = z.output<typeof Order>

const topic = { connection: 'shop', topic: 'orders', value: Order } as const
const formOf = (time: SourceTimeOptions<Order>) => kafka.source({ ...topic, ...time }).options

test.each<[SourceTimeOptions<Order>, object]>([
  [{}, { kind: 'boundedOutOfOrderness', outOfOrdernessMs: 0 }],
  [{ outOfOrderness: '5s' }, { kind: 'boundedOutOfOrderness', outOfOrdernessMs: 5_000 }],
  [{ watermark: 'monotonic' }, { kind: 'monotonic' }],
  [{ watermark: { from: (order) => order.completeUntil } }, { kind: 'fromField' }],
  [{ watermark: { state: () => ({}), onRecord: () => {} } }, { kind: 'custom' }],
])('%p is in the graph as %p', (time, watermark) => {
  expect(formOf(time)).toMatchObject({ watermark, maxClockAheadMs: 86_400_000, idlenessMs: null, alignment: null })
})

test('functions of a strategy stand beside the graph, and know the record', () => {
  const { functions } = kafka.source({
    ...topic,
    watermark: {
      from: (order) => {
        expectTypeOf(order).toEqualTypeOf<Order>()
        return order.completeUntil
      },
    },
  })
  expect(functions.watermark).toHaveProperty('from')
  const behind: CustomWatermark<Order, { newest: number }> = {
    state: () => ({ newest: 0 }),
    onRecord: (state, order) => void (state.newest = Math.max(state.newest, order.at)),
    onPeriodic: (state) => state.newest - 30_000,
  }
  expect(kafka.source({ ...topic, watermark: behind }).functions.watermark).toBe(behind)
  expect(kafka.source({ ...topic, watermark: 'monotonic' }).functions).not.toHaveProperty('watermark')
})

test('drift, idleness and the clock are milliseconds; input that ends and made-up input have no bound by the clock', () => {
  expect(formOf({ alignment: { group: 'shop', maxDrift: '1m' }, idleness: '30s', maxClockAhead: '1h' })).toMatchObject({
    alignment: { group: 'shop', maxDriftMs: 60_000 },
    idlenessMs: 30_000,
    maxClockAheadMs: 3_600_000,
  })
  expect(formOf({ maxClockAhead: null })).toMatchObject({ maxClockAheadMs: null })
  expect(kafka.source({ ...topic, bounded: true }).options).toMatchObject({ maxClockAheadMs: null })
  expect(generator.source({ generate: (index) => index }).options).toMatchObject({ maxClockAheadMs: null })
  expect(files.source({ path: 'x', value: Order, watermark: 'atEnd' }).options).toMatchObject({
    watermark: { kind: 'atEnd' },
    maxClockAheadMs: null,
  })
})

test('records in mid-stream get new times and a watermark, but neither idleness nor alignment', () => {
  const { graph, operators } = job('times', (flow) => {
    flow
      .source(generator.source({ generate: (index) => ({ index, at: index }), count: 1 }))
      .assignTimestamps({ eventTime: (value) => value.at, outOfOrderness: '2s' }, { name: 'at' })
      .sinkTo(table.sink({ row: (value) => value }))
  }).build()
  expect(graph.operators[1]).toEqual({
    id: 'at',
    kind: 'assignTimestamps',
    named: true,
    options: {
      onError: 'fail',
      watermark: { kind: 'boundedOutOfOrderness', outOfOrdernessMs: 2_000 },
      maxClockAheadMs: 86_400_000,
    },
  })
  expect(operators.get('at')!.functions).toEqual({ eventTime: expect.any(Function) })
})

test.each<[string, object, string]>([
  ['two rules', { watermark: 'monotonic', outOfOrderness: 1 }, "'watermark' and 'outOfOrderness' exclude each other"],
  [
    'an unknown rule',
    { watermark: 'soon' },
    "must be 'monotonic', 'atEnd', { from } or { state, onRecord, onPeriodic }",
  ],
  ['half a rule', { watermark: { state: () => 0 } }, "option 'onRecord' is missing"],
  ['a rule with more', { watermark: { from: () => 0, state: () => 0 } }, "unknown option 'state'"],
  ['waiting for the end of what never ends', { watermark: 'atEnd' }, 'needs input that ends'],
  ['drift without a group', { alignment: { maxDrift: 1 } }, "alignment: option 'group' is missing"],
  ['a clock bound of nothing', { maxClockAhead: 0 }, 'must be at least 1 ms'],
])('%s is refused', (_what, time, message) => {
  expect(() => formOf(time)).toThrow(
    expect.objectContaining({ code: 'LF_PROGRAM_OPTION', message: expect.stringContaining(message) }),
  )
})
