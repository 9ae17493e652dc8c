import { createReduce } from './reduce.ts'
import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'

const longest: TestedOperator<'reduce'> = {
  kind: 'reduce',
  create: createReduce,
  options: { emit: 'updates' },
  functions: {
    fn: (a: string, b: string) => {
      if (b === '!') throw new Error('no')
      return b.length > a.length ? b : a
    },
  },
}

test('each record emits what has become of its key so far', async () => {
  await runTable(
    longest,
    `in   a:"x"@1 b:"yy"@2 a:"xxx"@3 a:"z"@4
     out  {"key":"a","value":"x"}@1
     out  {"key":"b","value":"yy"}@2
     out  {"key":"a","value":"xxx"}@3
     out  {"key":"a","value":"xxx"}@4
     wm   100
     in   b:"yyy"@5
     out  {"key":"b","value":"yyy"}@5
     wm   max`,
  )
})

test('a record on which the function throws leaves the key as it was', async () => {
  const { metrics } = await runTable(
    { ...longest, onError: 'skip' },
    `in   a:"xx"@1 a:"!"@2 a:"x"@3
     out  {"key":"a","value":"xx"}@1
     out  {"key":"a","value":"xx"}@3`,
  )
  expect(metrics.recordsSkipped).toBe(1)
})

test('behind an exchange a failing record is named by key and event time', async () => {
  const { operator } = makeOperator(longest)
  const batch = { values: ['a', '!'], timestamps: [1_000, 2_000], keys: ['k', 'k'] }
  expect(() => operator.processBatch(batch, { emit() {}, emitSide() {} }, 0)).toThrow(
    'Job test, operator reduce-1, record with key "k", event time 1970-01-01T00:00:02.000Z: no',
  )
})

test('state of another kind of fold is refused', () => {
  const { operator } = makeOperator(longest)
  expect(() => operator.restore({ subtasks: [{ shape: 'aggregate n' }], keyGroups: new Map() })).toThrow(
    "Job test: the checkpoint's state of operator reduce-1 is of 'aggregate n', the program's is 'reduce'.",
  )
})

test.each(['fail', 'skip'] as const)('a promise is an error under onError %s', async (onError) => {
  const functions = { fn: async () => Promise.reject(new Error('late')) }
  await expect(runTable({ ...longest, functions, onError }, 'in a:1@1 a:2@2')).rejects.toMatchObject({
    code: 'LF_USER_RESULT',
    message:
      'Job test, operator reduce-1, record p@a:2@2: the function returned a promise, and no record waits for one.',
  })
})

const changing: TestedOperator<'reduce'> = { ...longest, options: { emit: 'changelog' } }

test('as a changelog each record tells what becomes of its key’s row, and nothing where that stays', async () => {
  await runTable(
    changing,
    `in   a:"x"@1 a:"yy"@2 b:"z"@3 a:"u"@4 a:"xxx"@5
     out  {"key":"a","value":"x"}@1
     out  <{"key":"a","value":"x"}@2
     out  >{"key":"a","value":"yy"}@2
     out  {"key":"b","value":"z"}@3
     out  <{"key":"a","value":"yy"}@5
     out  >{"key":"a","value":"xxx"}@5
     end
     out`,
  )
})

test.each(['updates', 'changelog'])('a bounded job emits one final row for each key, asked for %s', async (emit) => {
  await runTable(
    { ...longest, options: { emit }, bounded: true, onError: 'skip' },
    `in   a:"x"@7 a:"yy"@2 a:"!"@9
     wm   5
     in   a:"u"@4
     wm   12
     out
     wm   max
     out  {"key":"a","value":"yy"}@7
     end
     out`,
  )
})
