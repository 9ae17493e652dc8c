import type { RecordBatch } from '../record.ts'
import { createKeyBy } from './key-by.ts'
import { makeOperator, type TestedOperator } from '../testing/operator-table.ts'

const keyBy = (onError: 'fail' | 'skip'): TestedOperator<'keyBy'> => ({
  kind: 'keyBy',
  create: createKeyBy,
  onError,
  functions: {
    key: (value: string) => {
      if (value === 'throw') throw new Error('no key')
      return value
    },
  },
})

function keysOf(values: readonly unknown[], onError: 'fail' | 'skip') {
  const { operator, metrics } = makeOperator(keyBy(onError))
  const emitted: RecordBatch[] = []
  void operator.processBatch(
    { values, timestamps: values.map((_, i) => i), origin: { partition: 'p', positions: values.map((_, i) => i) } },
    { emit: (batch) => void emitted.push(batch), emitSide() {} },
    0,
  )
  return { emitted, metrics }
}

test('the same records go on with their keys', () => {
  expect(keysOf(['a', 1, true, -0.5, ''], 'fail').emitted).toEqual([
    {
      values: ['a', 1, true, -0.5, ''],
      timestamps: [0, 1, 2, 3, 4],
      keys: ['a', 1, true, -0.5, ''],
      origin: { partition: 'p', positions: [0, 1, 2, 3, 4] },
    },
  ])
})

test.each([
  [{}, 'an object'],
  [null, 'null'],
  [undefined, 'undefined'],
  [NaN, 'NaN'],
  [[1], 'an array'],
  [1n, 'a bigint'],
  [Symbol('s'), 'a symbol'],
  [Promise.resolve('a'), 'a promise'],
])('%p is no key', (value, words) => {
  expect(() => keysOf(['a', value], 'fail')).toThrow(
    `Job test, operator keyBy-1, record p@1: the key is ${words}, not text, a number or a boolean.`,
  )
})

test('records without a key are skipped where they may be', () => {
  const { emitted, metrics } = keysOf(['a', null, 'throw', 'b', NaN], 'skip')
  expect(emitted).toMatchObject([{ values: ['a', 'b'], keys: ['a', 'b'], timestamps: [0, 3] }])
  expect(metrics.recordsSkipped).toBe(3)
  expect(keysOf([null], 'skip').emitted).toEqual([])
})
