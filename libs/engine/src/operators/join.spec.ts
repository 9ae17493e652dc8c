import { createJoin } from './join.ts'
import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'

type Input = 'records' | 'changelog'

const join = (
  kind: string,
  inputs: readonly [Input, Input] = ['changelog', 'changelog'],
  ttlMs: number | null = null,
): TestedOperator<'join'> => ({
  kind: 'join',
  create: createJoin,
  options: { kind, inputs, ttlMs },
  functions: { combine: (left: unknown, right: unknown) => `${left as string}${right as string}` },
})

test('an inner join pairs rows of one key whenever they come, with the greater event time', async () => {
  await runTable(
    join('inner', ['records', 'records']),
    `in   a:1@5 b:2@1
     out
     in1  a:"x"@3 c:"z"@4
     out  "1x"@5
     in1  b:"y"@9
     out  "2y"@9
     in   a:3@1
     out  "3x"@3
     end`,
  )
})

test('a row that is taken back takes its pairs with it; of equal rows one', async () => {
  const { operator } = await runTable(
    join('inner'),
    `in   a:1@1 a:1@2
     in1  a:"x"@3
     out  "1x"@3
     out  "1x"@3
     in   -a:1@4
     out  -"1x"@4
     in   <a:1@5 >a:2@5
     out  <"1x"@5
     out  >"2x"@5
     in1  -a:"x"@6 -a:"x"@7 -b:"x"@8
     out  -"2x"@6
     in   -a:2@9
     out`,
  )
  expect(operator.snapshot()!.keyGroups.size).toBe(0)
})

test('rows that are taken out of the middle leave the others where they can be found', async () => {
  await runTable(
    join('inner'),
    `in   a:1@1 a:2@2 a:3@3 a:4@4
     in   -a:1@5 -a:4@6 -a:2@7
     in1  a:"x"@8
     out  "3x"@8
     in   -a:3@9
     out  -"3x"@9`,
  )
})

test('an outer join takes the null back when a partner comes, and brings it back when the last one goes', async () => {
  await runTable(
    join('left'),
    `in   a:1@1
     out  "1null"@1
     in1  a:"x"@2 b:"w"@3
     out  -"1null"@2
     out  "1x"@2
     in1  a:"y"@4
     out  "1y"@4
     in1  -a:"x"@5
     out  -"1x"@5
     in1  -a:"y"@6
     out  -"1y"@6
     out  "1null"@6
     in   -a:1@7
     out  -"1null"@7`,
  )
})

test('an update replaces a row beside all its partners, without a null in between', async () => {
  await runTable(
    join('full'),
    `in   a:1@1 b:1@2
     out  "1null"@1
     out  "1null"@2
     in   <a:1@3 >a:2@3
     out  <"1null"@3
     out  >"2null"@3
     in1  a:"x"@4
     out  -"2null"@4
     out  "2x"@4
     in1  <a:"x"@1 >a:"y"@1
     out  <"2x"@3
     out  >"2y"@3
     in   a:3@9
     out  "3y"@9
     in1  <a:"y"@5 >a:"z"@5 <a:"z"@6 >a:"z"@6 <a:"w"@7 >a:"v"@7
     out  -"2y"@5
     out  -"3y"@9
     out  "2z"@5
     out  "3z"@9
     out  "2v"@7
     out  "3v"@9`,
  )
})

test('an update of which one half is skipped is a row that comes or goes', async () => {
  const combine = (left: number, right: number) => {
    if (left === right) throw new Error('equal')
    return left - right
  }
  await runTable(
    { ...join('inner'), functions: { combine }, onError: 'skip' },
    `in   a:1@1
     in1  a:1@2
     out
     in   <a:1@3 >a:2@3
     out  1@3
     in   <a:2@4 >a:1@4
     out  -1@4`,
  )
})

test('a full join keeps both sides', async () => {
  await runTable(
    join('full'),
    `in1  a:"x"@1
     out  "nullx"@1
     in   a:1@2
     out  -"nullx"@2
     out  "1x"@2
     in   -a:1@3
     out  -"1x"@3
     out  "nullx"@3`,
  )
})

test('a right join keeps the right side only', async () => {
  await runTable(
    join('right'),
    `in   a:1@1
     out
     in1  b:"x"@2
     out  "nullx"@2
     in1  a:"y"@3
     out  "1y"@3`,
  )
})

test('a row that was forgotten finds no partners and takes nothing back', async () => {
  const { operator } = await runTable(
    join('full', ['changelog', 'changelog'], 100),
    `now  1000
     in   a:1@1
     out  "1null"@1
     now  1050
     in1  a:"x"@2
     out  -"1null"@2
     out  "1x"@2
     now  1100
     in1  a:"y"@3
     out  "nully"@3
     in   -a:1@4
     out
     in   a:2@5
     out  -"nully"@5
     out  "2x"@5
     out  "2y"@5
     now  5000
     in   -a:2@6`,
  )
  expect(operator.snapshot()!.keyGroups.size).toBe(0)
})

test('what a row was in with a partner that was forgotten stays when the row is replaced', async () => {
  await runTable(
    join('left', ['changelog', 'changelog'], 100),
    `now  1000
     in1  a:"x"@1
     now  1050
     in   a:1@2
     out  "1x"@2
     now  1100
     in   <a:1@3 >a:2@3
     out  "2null"@3
     in   <a:2@4 >a:3@4
     out  <"2null"@4
     out  >"3null"@4`,
  )
})

test('in a bounded job what has no partner comes at the end, and nothing is forgotten', async () => {
  await runTable(
    { ...join('full', ['records', 'records'], 100), bounded: true },
    `in   a:1@1 b:2@2
     now  1000
     in1  a:"x"@3 c:"y"@4
     out  "1x"@3
     wm   max
     out  "2null"@2
     out  "nully"@4
     end
     out`,
  )
})

test('a pair on which the function throws is skipped, and nothing else', async () => {
  const combine = (left: number, right: number) => {
    if (left === right) throw new Error('equal')
    return left - right
  }
  const picky = { ...join('inner'), functions: { combine } }
  const { metrics } = await runTable(
    { ...picky, onError: 'skip' },
    `in   a:1@1 a:2@2
     in1  a:2@3
     out  -1@3
     in1  -a:2@4
     out  --1@4`,
  )
  expect(metrics.recordsSkipped).toBe(2)
  await expect(runTable(picky, 'in a:1@1\nin1 a:1@2')).rejects.toMatchObject({
    code: 'LF_USER_FUNCTION',
    message: 'Job test, operator join-1, record p@a:1@2: equal',
  })
})

test('a promise is an error', async () => {
  const functions = { combine: () => Promise.reject(new Error('late')) }
  await expect(runTable({ ...join('left'), functions, onError: 'skip' }, 'in a:1@1')).rejects.toMatchObject({
    code: 'LF_USER_RESULT',
  })
})

test('state of another kind of join is refused', () => {
  const { operator } = makeOperator(join('left'))
  const state = { shape: 'inner join of changelog and changelog' }
  expect(() => operator.restore({ subtasks: [state], keyGroups: new Map() })).toThrow('left join of changelog')
})
