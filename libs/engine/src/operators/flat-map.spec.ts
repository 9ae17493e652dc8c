import { createFlatMap } from './flat-map.ts'
import { emittedRecordsMax } from './operator.ts'
import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'

const flatMap = (fn: (value: never) => unknown): TestedOperator<'flatMap'> => ({
  kind: 'flatMap',
  create: createFlatMap,
  functions: { fn: fn as TestedOperator<'flatMap'>['functions']['fn'] },
})

test('every element becomes a record with the event time of its origin', async () => {
  await runTable(
    flatMap((line: string) => line.split('-')),
    `in   :"a-b"@1 :"c"@2
     out  "a"@1
     out  "b"@1
     out  "c"@2`,
  )
})

test('anything iterable will do, and nothing at all makes no record', async () => {
  await runTable(
    flatMap(function* (n: number) {
      for (let i = 0; i < n; i++) yield i
    }),
    `in   :0@1 :2@2
     out  0@2
     out  1@2
     in   :0@3
     out`,
  )
})

test('a generator that throws half-way leaves nothing of its record', async () => {
  const { metrics } = await runTable(
    {
      ...flatMap(function* (n: number) {
        yield n
        if (n === 2) throw new Error('half-way')
        yield n
      }),
      onError: 'skip',
    },
    `in   :1@1 :2@2 :3@3
     out  1@1
     out  1@1
     out  3@3
     out  3@3`,
  )
  expect(metrics.recordsSkipped).toBe(1)
})

test.each([
  [undefined, 'undefined'],
  [3, 'a number'],
  [{ length: 1 }, 'an object'],
])('%p cannot be iterated over', async (result, words) => {
  await expect(runTable({ ...flatMap(() => result), onError: 'skip' }, 'in :1@1')).rejects.toMatchObject({
    code: 'LF_USER_RESULT',
    message: `Job test, operator flatMap-1: the function returned ${words}, which cannot be iterated over.`,
  })
})

test('many results are emitted in pieces, each only after the one before was taken', async () => {
  const perRecord = 1_000
  const { operator } = makeOperator(flatMap((n: number) => Array.from({ length: perRecord }, () => n)))
  const sizes: number[] = []
  let taking = false
  await operator.processBatch(
    { values: [0, 1, 2, 3, 4, 5, 6], timestamps: [0, 1, 2, 3, 4, 5, 6] },
    {
      async emit(batch) {
        expect(taking).toBe(false)
        taking = true
        sizes.push(batch.values.length)
        await Promise.resolve()
        taking = false
      },
      emitSide() {},
    },
    0,
  )
  expect(Math.max(...sizes)).toBeLessThan(emittedRecordsMax + perRecord)
  expect(sizes.reduce((a, b) => a + b)).toBe(7 * perRecord)
})

test('in a changelog a row that is taken back takes its results back', async () => {
  const times = (value: number) => Array.from({ length: value }, (_, number) => `${value}.${number}`)
  await runTable(
    { kind: 'flatMap', create: createFlatMap, functions: { fn: times } },
    `in   :2@1 <:1@2 >:1@2 -:2@3
     out  "2.0"@1
     out  "2.1"@1
     out  <"1.0"@2
     out  >"1.0"@2
     out  -"2.0"@3
     out  -"2.1"@3
     in   <:1@4 >:2@4 <:2@5 >:1@5 <:1@6 >:0@6 <:0@7 >:1@7
     out  -"1.0"@4
     out  "2.0"@4
     out  "2.1"@4
     out  -"2.0"@5
     out  -"2.1"@5
     out  "1.0"@5
     out  -"1.0"@6
     out  "1.0"@7`,
  )
})
