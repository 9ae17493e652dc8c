import { noTimestamp } from '@lightflus/engine'
import { encodeBatch } from '../records/record-batch.ts'
import { RecordMaker, sizeOf } from './kafka-sink-record.ts'

const make = (value: unknown, given: { key: unknown } = { key: 'k' }, timestamp = 5) =>
  new RecordMaker({ value: () => value, key: () => given.key }).make({}, timestamp, 99)

test.each<[unknown, string | null]>([
  ['text ä', 'text ä'],
  [null, null],
  [new Uint8Array([65]), 'A'],
  [{ a: 1n }, '{"a":"1"}'],
  [[1, 2], '[1,2]'],
  [7, '7'],
  [true, 'true'],
  [2n ** 70n, '1180591620717411303424'],
])('the value %p is written as %p', (value, expected) => {
  const { value: bytes } = make(value)
  expect(bytes && Buffer.from(bytes).toString()).toBe(expected)
})

test.each<[unknown, unknown]>([
  [undefined, 'k'],
  [() => 1, 'k'],
  ['v', undefined],
  ['v', {}],
])('%p under the key %p is refused', (value, key) => {
  expect(() => make(value, { key })).toThrow(expect.objectContaining({ code: 'LF_SINK_VALUE' }))
})

test('the time is the record’s, or the clock’s where Kafka could not take it', () => {
  const times = [5.7, noTimestamp, -1].map((timestamp) => make('v', { key: 'k' }, timestamp).timestamp)
  expect(times).toEqual([5, 99, 99])
})

test('the size that is reckoned with is never below the encoded one by much', () => {
  const headers = { name: 'value'.repeat(20), other: 'x' }
  const maker = new RecordMaker({ value: () => 'v'.repeat(500), key: () => 'k'.repeat(90), headers: () => headers })
  const records = Array.from({ length: 50 }, (_, at) => maker.make({}, 1_700_000_000_000 + at, 0))
  const reckoned = records.reduce((sum, record) => sum + sizeOf(record), 0)
  expect(encodeBatch(records, 'none').length).toBeLessThan(reckoned + 100)
})
