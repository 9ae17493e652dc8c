import { createTopN } from './top-n.ts'
import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'

interface Row {
  readonly id: string
  readonly n: number
}

const topN = (n: number, input = 'records', order = 'descending'): TestedOperator<'topN'> => ({
  kind: 'topN',
  create: createTopN,
  options: { n, order, input },
  functions: { by: (row: Row | number) => (typeof row === 'number' ? row : row.n) },
})

test('only ranks whose row becomes another are told; rows that move go before they come', async () => {
  const { operator } = await runTable(
    topN(2),
    `in   a:5@1 a:3@2 b:1@3
     out  {"key":"a","rank":1,"value":5}@1
     out  {"key":"a","rank":2,"value":3}@2
     out  {"key":"b","rank":1,"value":1}@3
     in   a:4@4 a:2@5
     out  <{"key":"a","rank":2,"value":3}@4
     out  >{"key":"a","rank":2,"value":4}@4
     in   a:9@6
     out  -{"key":"a","rank":1,"value":5}@6
     out  -{"key":"a","rank":2,"value":4}@6
     out  {"key":"a","rank":1,"value":9}@6
     out  {"key":"a","rank":2,"value":5}@6
     end`,
  )
  const groups = [...operator.snapshot()!.keyGroups.values()] as { keys: string[]; rankings: { rows: unknown[] }[] }[]
  expect(groups.flatMap(({ rankings }) => rankings.map(({ rows }) => rows))).toEqual(
    expect.arrayContaining([[9, 5], [1]]),
  )
})

test('of rows that rank alike the earlier stands first', async () => {
  await runTable(
    topN(2, 'records', 'ascending'),
    `in   a:{"id":"x","n":1}@1 a:{"id":"y","n":1}@2 a:{"id":"z","n":1}@3
     out  {"key":"a","rank":1,"value":{"id":"x","n":1}}@1
     out  {"key":"a","rank":2,"value":{"id":"y","n":1}}@2`,
  )
})

test('numbers stand before text when they ascend, and after it when they descend', async () => {
  const mixed = { functions: { by: (value: number | string) => value }, options: { n: 3, input: 'records' } }
  await runTable(
    { ...topN(3), ...mixed, options: { ...mixed.options, order: 'ascending' }, bounded: true },
    `in   a:"b"@1 a:10@2 a:"a"@3 a:9@4
     wm   max
     out  {"key":"a","rank":1,"value":9}@4
     out  {"key":"a","rank":2,"value":10}@2
     out  {"key":"a","rank":3,"value":"a"}@3`,
  )
  await runTable(
    { ...topN(3), ...mixed, options: { ...mixed.options, order: 'descending' }, bounded: true },
    `in   a:9@1 a:"b"@2 a:10@3 a:"a"@4
     wm   max
     out  {"key":"a","rank":1,"value":"b"}@2
     out  {"key":"a","rank":2,"value":"a"}@4
     out  {"key":"a","rank":3,"value":10}@3
     end`,
  )
})

test('of several values the second decides where the first ones are equal', async () => {
  const byBoth = {
    functions: { by: ({ id, n }: Row) => [n, id] },
    options: { n: 3, input: 'changelog', order: 'descending' },
  }
  await runTable(
    { ...topN(3), ...byBoth },
    `in   a:{"id":"x","n":1}@1 a:{"id":"z","n":1}@2
     out  {"key":"a","rank":1,"value":{"id":"x","n":1}}@1
     out  -{"key":"a","rank":1,"value":{"id":"x","n":1}}@2
     out  {"key":"a","rank":1,"value":{"id":"z","n":1}}@2
     out  {"key":"a","rank":2,"value":{"id":"x","n":1}}@2
     in   a:{"id":"y","n":1}@3
     out  -{"key":"a","rank":2,"value":{"id":"x","n":1}}@3
     out  {"key":"a","rank":2,"value":{"id":"y","n":1}}@3
     out  {"key":"a","rank":3,"value":{"id":"x","n":1}}@3
     in   -a:{"id":"z","n":1}@4
     out  -{"key":"a","rank":1,"value":{"id":"z","n":1}}@4
     out  -{"key":"a","rank":2,"value":{"id":"y","n":1}}@4
     out  -{"key":"a","rank":3,"value":{"id":"x","n":1}}@4
     out  {"key":"a","rank":1,"value":{"id":"y","n":1}}@4
     out  {"key":"a","rank":2,"value":{"id":"x","n":1}}@4`,
  )
})

test('over a changelog rows behind one that is taken back move up, also from beyond the last rank', async () => {
  const { operator } = await runTable(
    topN(2, 'changelog'),
    `in   a:5@1 a:3@2 a:4@3 a:1@4
     out  {"key":"a","rank":1,"value":5}@1
     out  {"key":"a","rank":2,"value":3}@2
     out  <{"key":"a","rank":2,"value":3}@3
     out  >{"key":"a","rank":2,"value":4}@3
     in   -a:4@5
     out  <{"key":"a","rank":2,"value":4}@5
     out  >{"key":"a","rank":2,"value":3}@5
     in   -a:5@6 -a:7@7 -b:1@8
     out  -{"key":"a","rank":1,"value":5}@6
     out  -{"key":"a","rank":2,"value":3}@6
     out  {"key":"a","rank":1,"value":3}@6
     out  {"key":"a","rank":2,"value":1}@6
     in   -a:1@9 -a:3@10
     out  -{"key":"a","rank":2,"value":1}@9
     out  -{"key":"a","rank":1,"value":3}@10`,
  )
  expect(operator.snapshot()!.keyGroups.size).toBe(0)
})

test('an update changes the ranks once', async () => {
  await runTable(
    topN(2, 'changelog'),
    `in   a:5@1 a:3@2 a:1@3
     out  {"key":"a","rank":1,"value":5}@1
     out  {"key":"a","rank":2,"value":3}@2
     in   <a:5@4 >a:6@4 <a:1@5 >a:2@5 <a:3@6 >a:1@6
     out  <{"key":"a","rank":1,"value":5}@4
     out  >{"key":"a","rank":1,"value":6}@4
     out  <{"key":"a","rank":2,"value":3}@6
     out  >{"key":"a","rank":2,"value":2}@6
     in   <b:1@7 >b:2@7
     out  {"key":"b","rank":1,"value":2}@7`,
  )
})

test('of equal rows one moving into the place of the other changes nothing', async () => {
  await runTable(
    topN(2, 'changelog'),
    `in   a:{"id":"x","n":1}@1 a:{"n":1,"id":"x"}@2 a:{"id":"x","n":1}@3
     out  {"key":"a","rank":1,"value":{"id":"x","n":1}}@1
     out  {"key":"a","rank":2,"value":{"n":1,"id":"x"}}@2
     in   -a:{"id":"x","n":1}@4
     out`,
  )
})

test('what cannot be ordered by is refused, or skipped', async () => {
  for (const by of [[], [1, null], [[1]]])
    await expect(runTable({ ...topN(1), functions: { by: () => by as never } }, 'in a:0@1')).rejects.toThrow(
      "'by' returned an array",
    )
  const broken = { ...topN(1), functions: { by: (value: number) => (value > 0 ? value : NaN) } }
  await expect(runTable(broken, 'in a:0@1')).rejects.toMatchObject({
    code: 'LF_USER_RESULT',
    message: "Job test, operator topN-1, record p@a:0@1: 'by' returned NaN, not a number, a text or an array of them.",
  })
  const { metrics } = await runTable(
    { ...broken, onError: 'skip' },
    `in   a:0@1 a:1@2
     out  {"key":"a","rank":1,"value":1}@2`,
  )
  expect(metrics.recordsSkipped).toBe(1)
})

test('state of another ranking is refused', () => {
  const { operator } = makeOperator(topN(2))
  expect(() =>
    operator.restore({ subtasks: [{ shape: 'top 3 descending of records' }], keyGroups: new Map() }),
  ).toThrow('top 2 descending of records')
})
