import { createDeduplicate } from './deduplicate.ts'
import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'
import { VirtualHost } from '../testing/virtual-host.ts'

const deduplicate = (keep: 'first' | 'last', ttlMs: number | null = null): TestedOperator<'deduplicate'> => ({
  kind: 'deduplicate',
  create: createDeduplicate,
  options: { keep, ttlMs },
  functions: {},
})

test('only the first record of each key goes on', async () => {
  await runTable(
    deduplicate('first'),
    `in   a:1@1 b:2@2 a:3@3
     out  1@1
     out  2@2
     wm   10
     now  1000000
     in   b:4@11 a:5@12
     out
     in   c:6@13
     out  6@13`,
  )
})

test('a key is forgotten so long after its first record, by the clock, and not after its last one', async () => {
  const { operator } = await runTable(
    deduplicate('first', 100),
    `now  1000
     in   a:1@1
     out  1@1
     now  1050
     in   a:2@2 b:3@3
     out  3@3
     now  1099
     in   a:4@4
     out
     now  1100
     in   a:5@5 b:6@6
     out  5@5
     now  1300
     in   c:7@7
     out  7@7`,
  )
  expect([...operator.snapshot()!.keyGroups.values()]).toEqual([{ keys: ['c'], times: [1300] }])
})

test('each record replaces the one before, and one that equals it changes nothing', async () => {
  await runTable(
    deduplicate('last'),
    `in   a:{"n":1}@1 b:{"n":2}@2 a:{"n":3}@3 a:{"n":3}@4
     out  {"n":1}@1
     out  {"n":2}@2
     out  <{"n":1}@3
     out  >{"n":3}@3
     in   b:{"n":1}@1
     out  <{"n":2}@1
     out  >{"n":1}@1
     end`,
  )
})

test('of a key that was forgotten the next record is an insert again; each record prolongs the time', async () => {
  await runTable(
    deduplicate('last', 100),
    `now  1000
     in   a:1@1 b:2@2
     out  1@1
     out  2@2
     now  1060
     in   a:3@3
     out  <1@3
     out  >3@3
     now  1120
     in   a:4@4 b:5@5
     out  <3@4
     out  >4@4
     out  5@5`,
  )
})

test('a bounded job emits the last record of each key once, however long it took', async () => {
  await runTable(
    { ...deduplicate('last', 100), bounded: true },
    `in   a:1@5
     now  1000
     in   a:2@3
     wm   12
     out
     wm   max
     out  2@3
     end
     out`,
  )
  await runTable(
    { ...deduplicate('first', 100), bounded: true },
    `in   a:1@5
     out  1@5
     now  1000
     in   a:2@6
     end
     out`,
  )
})

test('restored from several subtasks, keys are forgotten in the order of their times', async () => {
  const host = new VirtualHost(1_200)
  const { operator } = makeOperator(deduplicate('first', 1_000), host)
  const keyGroups = new Map([
    [1, { keys: ['b'], times: [500] }],
    [2, { keys: ['a'], times: [100] }],
  ])
  operator.restore({ subtasks: [{ shape: 'deduplicate first' }], keyGroups })
  const emitted: unknown[] = []
  const output = { emit: ({ values }: { values: readonly unknown[] }) => void emitted.push(...values), emitSide() {} }
  await operator.processBatch({ values: ['of a', 'of b'], timestamps: [1, 1], keys: ['a', 'b'] }, output, 0)
  expect(emitted).toEqual(['of a'])
})

test('state of the other way to keep is refused', () => {
  const { operator } = makeOperator(deduplicate('last'))
  expect(() => operator.restore({ subtasks: [{ shape: 'deduplicate first' }], keyGroups: new Map() })).toThrow(
    "is of 'deduplicate first', the program's is 'deduplicate last'",
  )
})
