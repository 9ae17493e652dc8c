import type { SourceFunctions } from '@lightflus/api'
import { z } from 'zod'
import { noTimestamp } from '../../record.ts'
import { createOperatorMetrics } from '../../subtask/metrics.ts'
import { createRecordFailures } from '../record-failures.ts'
import { createRecordDecoder } from './record-decoder.ts'

function decoderOf(functions: SourceFunctions, onError: 'fail' | 'skip' = 'fail') {
  const metrics = createOperatorMetrics('orders')
  const failures = createRecordFailures({ job: 'shop', operator: 'orders', onError, metrics, log: () => {} })
  const decode = createRecordDecoder(functions, failures)
  return {
    metrics,
    decode: (payloads: unknown[], timestamps?: number[]) =>
      decode({
        partition: 'orders/0',
        payloads,
        positions: payloads.map((_, index) => 100 + index),
        ...(timestamps && { timestamps }),
        bytes: 0,
      }),
  }
}

const Order = z.object({
  user: z.object({ id: z.string() }),
  amount: z.number().transform((n) => n * 100),
  at: z.number(),
})
const json = {
  decode: (payload: string) => JSON.parse(payload) as unknown,
  schema: Order,
  eventTime: (order: { at: number }) => order.at,
} as SourceFunctions
const good = JSON.stringify({ user: { id: 'u' }, amount: 2, at: 50 })

test('payloads are decoded, validated and given their event time', () => {
  expect(decoderOf(json).decode([good, good.replace('50', '70'), good])).toEqual({
    batch: {
      values: [
        { user: { id: 'u' }, amount: 200, at: 50 },
        { user: { id: 'u' }, amount: 200, at: 70 },
        { user: { id: 'u' }, amount: 200, at: 50 },
      ],
      timestamps: [50, 70, 50],
      origin: { partition: 'orders/0', positions: [100, 101, 102] },
    },
    newest: 70,
  })
})

test('without eventTime the records’ own timestamps count, and without those there are none', () => {
  expect(decoderOf({}).decode([1, 2], [5, 3])).toMatchObject({ batch: { timestamps: [5, 3] }, newest: 5 })
  expect(decoderOf({}).decode([1])).toMatchObject({ batch: { timestamps: [noTimestamp] }, newest: noTimestamp })
})

test.each<[string, string, string, string]>([
  ['undecodable', 'xyz', 'LF_RECORD_DECODE', 'Unexpected token'],
  [
    'refused by the schema',
    '{"user":{"id":3},"amount":"2","at":50}',
    'LF_RECORD_INVALID',
    'user.id: Invalid input: expected string, received number; amount: Invalid input: expected number',
  ],
])('a record that is %s names partition, position and field', (_what, payload, code, words) => {
  expect(() => decoderOf(json).decode([good, payload])).toThrow(
    expect.objectContaining({
      code,
      message: expect.stringContaining(`Job shop, operator orders, record orders/0@101: ${words}`),
      details: { job: 'shop', operator: 'orders', record: 'record orders/0@101' },
    }),
  )
})

test.each<[unknown, string]>([
  [NaN, 'NaN'],
  [undefined, 'undefined'],
  ['50', 'a string'],
  [new Date(0), 'an object'],
  [Infinity, 'Infinity'],
  [8.64e15 + 1, '8640000000000001'],
])('an event time of %p is none', (time, words) => {
  expect(() => decoderOf({ eventTime: () => time as number }).decode([1])).toThrow(
    expect.objectContaining({
      code: 'LF_RECORD_EVENT_TIME',
      message: `Job shop, operator orders, record orders/0@100: eventTime returned ${words}.`,
    }),
  )
})

test('records that fail are skipped where they may be, and the others keep their places', () => {
  const { decode, metrics } = decoderOf(json, 'skip')
  const { batch } = decode(['', good, '{}', good.replace('50', 'null'), good])
  expect(batch.origin!.positions).toEqual([101, 104])
  expect(batch.values).toHaveLength(2)
  expect(batch.timestamps).toEqual([50, 50])
  expect(metrics.recordsSkipped).toBe(3)
})

test('an event time function that throws is a user function that throws', () => {
  const { decode } = decoderOf({ eventTime: (value: { at: { time: number } }) => value.at.time })
  expect(() => decode([{}])).toThrow(expect.objectContaining({ code: 'LF_USER_FUNCTION' }))
})

test.each(['fail', 'skip'] as const)(
  'a schema that validates asynchronously is a mistake under onError %s',
  (onError) => {
    // It rejects: that must not end the process as unhandled either.
    const validate = async () => Promise.reject(new Error('late'))
    const { decode } = decoderOf({ schema: { '~standard': { ...z.number()['~standard'], validate } } }, onError)
    expect(() => decode([1])).toThrow(
      expect.objectContaining({
        code: 'LF_USER_RESULT',
        message: 'Job shop, operator orders: the schema validates asynchronously, and no record waits for it.',
      }),
    )
  },
)

test('of many issues the first are told', () => {
  const schema = z.array(z.string())
  expect(() => decoderOf({ schema }).decode([[1, 2, 3, 4, 5, 6, 7]])).toThrow(/0: .*; 4: .*; and 2 more$/)
})
