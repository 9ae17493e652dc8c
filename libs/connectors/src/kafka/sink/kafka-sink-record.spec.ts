import { noTimestamp } from '@lightflus/engine'
import { headersOf, keyOf, partitionOf, rowKeyOf, timeOf, valueOf } from './kafka-sink-record.ts'

const refused = expect.objectContaining({ code: 'LF_SINK_VALUE' })

test.each<[unknown, string | null]>([
  ['text ä', 'text ä'],
  [null, null],
  [new Uint8Array([65]), 'A'],
  [{ a: 1n }, '{"a":"1"}'],
  [[1, [{ b: 2n }]], '[1,[{"b":"2"}]]'],
  [7, '7'],
  [true, 'true'],
  [2n ** 70n, '1180591620717411303424'],
  [{ at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
])('the value %p is written as %p', (value, expected) => {
  const written = valueOf(value)
  expect(written instanceof Uint8Array ? Buffer.from(written).toString() : written).toBe(expected)
})

test('a value that has no JSON is refused, and what its own functions throw is passed on', () => {
  expect(() => valueOf(undefined)).toThrow(refused)
  expect(() => valueOf(() => 1)).toThrow(refused)
  const toJSON = () => {
    throw new RangeError('mine')
  }
  expect(() => valueOf({ toJSON })).toThrow(RangeError)
  const circle: { self?: unknown } = {}
  circle.self = circle
  expect(() => valueOf(circle)).toThrow(TypeError)
})

test('keys, headers and partitions are what Kafka can take', () => {
  expect([keyOf('k'), keyOf(5), keyOf(null), keyOf(true)].map((key) => key && Buffer.from(key).toString())).toEqual([
    'k',
    '5',
    null,
    'true',
  ])
  expect(() => keyOf(undefined)).toThrow(refused)
  expect(() => keyOf({})).toThrow(refused)
  expect(() => rowKeyOf(null)).toThrow(refused)
  expect(headersOf({ a: 'x', b: 1, c: null })).toEqual([
    { name: 'a', value: Buffer.from('x') },
    { name: 'b', value: Buffer.from('1') },
    { name: 'c', value: null },
  ])
  expect(() => headersOf(null)).toThrow(refused)
  expect(() => headersOf({ a: {} })).toThrow(refused)
  expect(partitionOf(2, 'totals', 3)).toBe(2)
  for (const partition of [3, -1, 0.5, '1', undefined])
    expect(() => partitionOf(partition, 'totals', 3)).toThrow(refused)
})

test('the time is the record’s, or the clock’s where Kafka could not take it', () => {
  expect([5.7, noTimestamp, -1].map((timestamp) => timeOf(timestamp, 99))).toEqual([5, 99, 99])
})
