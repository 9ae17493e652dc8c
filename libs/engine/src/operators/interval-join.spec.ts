import { createIntervalJoin } from './interval-join.ts'
import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'

const join = (kind: string, fromMs: number, toMs: number): TestedOperator<'intervalJoin'> => ({
  kind: 'intervalJoin',
  create: createIntervalJoin,
  options: { kind, fromMs, toMs },
  functions: { combine: (left: unknown, right: unknown) => `${left as string}${right as string}` },
})

test('a partner lies within the interval, its bounds included, whichever comes first', async () => {
  await runTable(
    join('inner', -5, 10),
    `in   a:1@100 b:9@100
     in1  a:"x"@94 a:"y"@95 a:"z"@110 a:"w"@111
     out  "1y"@100
     out  "1z"@110
     in   a:2@101
     out  "2z"@110
     out  "2w"@111
     in   a:3@116
     out  "3w"@116`,
  )
})

test('records are kept as long as a partner can come, and no longer', async () => {
  const { operator, metrics } = await runTable(
    join('inner', -5, 10),
    `in   a:1@100 b:2@103
     wm   110
     in1  a:"x"@110
     out  "1x"@110
     wm   111
     in1  a:"y"@111
     out
     in1  b:"z"@113
     out  "2z"@113
     in   a:3@110
     out
     wm   118
     in   a:4@118
     wm   200
     out`,
  )
  expect(metrics.recordsLate).toBe(1)
  expect(operator.snapshot()!.keyGroups.size).toBe(0)
})

test('what has no partner is emitted when none can come any more, with the time until which one could', async () => {
  await runTable(
    join('full', -5, 10),
    `in   a:1@100
     in1  a:"x"@120 b:"y"@90
     wm   95
     out
     wm   96
     out  "nully"@95
     wm   110
     out
     wm   111
     out  "1null"@110
     wm   max
     out  "nullx"@125`,
  )
})

test('a record whose partners would all have come by now waits for nothing', async () => {
  await runTable(
    join('left', -20, -10),
    `wm   100
     in1  a:"x"@100
     in   a:1@105 b:2@112 a:3@110
     out  "1null"@105
     out  "3x"@110
     in1  a:"y"@100
     out  "3y"@110
     wm   101
     out
     wm   103
     out  "2null"@112`,
  )
})

test('records of one time are paired in the order in which they came; earlier ones that come later are dropped first', async () => {
  await runTable(
    join('right', 0, 5),
    `in1  a:"x"@7 a:"y"@7 a:"z"@3
     in   a:1@6
     out  "1x"@7
     out  "1y"@7
     wm   4
     out  "nullz"@3
     wm   max
     out`,
  )
})

test('a record without event time is an error, or skipped', async () => {
  await expect(runTable(join('inner', 0, 1), 'in a:1')).rejects.toMatchObject({ code: 'LF_RECORD_EVENT_TIME' })
  const { metrics } = await runTable({ ...join('inner', 0, 1), onError: 'skip' }, 'in a:1')
  expect(metrics.recordsSkipped).toBe(1)
})

test('state of another interval is refused', () => {
  const { operator } = makeOperator(join('inner', 0, 1))
  const state = { shape: 'inner join from 0 to 2 ms', watermark: 0 }
  expect(() => operator.restore({ subtasks: [state], keyGroups: new Map() })).toThrow('inner join from 0 to 1 ms')
})
