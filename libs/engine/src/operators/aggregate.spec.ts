import { avg, count, max, min, sum, type Aggregate } from '@lightflus/api'
import { createAggregate } from './aggregate.ts'
import { runTable, type TestedOperator } from '../testing/operator-table.ts'

const amount = (value: { n: number }) => value.n
const aggregate = (names: Readonly<Record<string, Aggregate>>): TestedOperator<'aggregate'> => ({
  kind: 'aggregate',
  create: createAggregate,
  options: { aggregates: Object.keys(names), emit: 'updates' },
  functions: { aggregates: names },
})

/** The aggregate over a changelog, which emits one. */
const changing = (names: Readonly<Record<string, Aggregate>>): TestedOperator<'aggregate'> => ({
  ...aggregate(names),
  options: { aggregates: Object.keys(names), emit: 'changelog', input: 'changelog' },
})

const retractable = {
  orders: { create: () => 0, add: (n: number) => n + 1, retract: (n: number) => n - 1, merge: plus, result: same },
  spent: {
    create: () => ({ sum: 0 }),
    add: (acc: { sum: number }, n: number) => ((acc.sum += n), acc),
    retract: (acc: { sum: number }, n: number) => ((acc.sum -= n), acc),
    merge: (a: { sum: number }, b: { sum: number }) => ({ sum: a.sum + b.sum }),
    result: same,
  },
}

function plus(a: number, b: number): number {
  return a + b
}
function same<T>(accumulator: T): T {
  return accumulator
}

test('each record emits all aggregates of its key so far', async () => {
  await runTable(
    aggregate({ orders: count(), spent: sum(amount), least: min(amount), most: max(amount), mean: avg(amount) }),
    `in   a:{"n":4}@1 b:{"n":1}@2 a:{"n":2}@3
     out  {"key":"a","orders":1,"spent":4,"least":4,"most":4,"mean":4}@1
     out  {"key":"b","orders":1,"spent":1,"least":1,"most":1,"mean":1}@2
     out  {"key":"a","orders":2,"spent":6,"least":2,"most":4,"mean":3}@3
     wm   50
     in   b:{"n":3}@60
     out  {"key":"b","orders":2,"spent":4,"least":1,"most":3,"mean":2}@60`,
  )
})

test('a record that one aggregate throws on is counted by none of them', async () => {
  const strict = sum((value: { n: number | null }) => {
    if (value.n === null) throw new Error('no amount')
    return value.n
  })
  const { metrics } = await runTable(
    {
      ...aggregate({ orders: count(), mean: avg((v: { n: number | null }) => v.n ?? 0), spent: strict }),
      onError: 'skip',
    },
    `in   a:{"n":4}@1 a:{"n":null}@2 a:{"n":2}@3 b:{"n":null}@4
     out  {"key":"a","orders":1,"mean":4,"spent":4}@1
     out  {"key":"a","orders":2,"mean":3,"spent":6}@3`,
  )
  expect(metrics.recordsSkipped).toBe(2)
})

test('over a changelog rows are taken out again, and a key without rows is gone', async () => {
  const { operator } = await runTable(
    changing(retractable),
    `in   a:4@1 a:2@2 b:1@3
     out  {"key":"a","orders":1,"spent":{"sum":4}}@1
     out  <{"key":"a","orders":1,"spent":{"sum":4}}@2
     out  >{"key":"a","orders":2,"spent":{"sum":6}}@2
     out  {"key":"b","orders":1,"spent":{"sum":1}}@3
     in   -a:4@4 <b:1@5 >b:3@5
     out  <{"key":"a","orders":2,"spent":{"sum":6}}@4
     out  >{"key":"a","orders":1,"spent":{"sum":2}}@4
     out  <{"key":"b","orders":1,"spent":{"sum":1}}@5
     out  >{"key":"b","orders":1,"spent":{"sum":3}}@5
     in   -a:2@6 -a:9@7 -c:1@8
     out  -{"key":"a","orders":1,"spent":{"sum":2}}@6
     in   -b:3@9
     out  -{"key":"b","orders":1,"spent":{"sum":3}}@9`,
  )
  expect(operator.snapshot()!.keyGroups.size).toBe(0)
})

test('an update changes the row once, or not at all; its halves count alone where the other is skipped', async () => {
  const picky = (n: number) => {
    if (n === 0) throw new Error('zero')
    return n
  }
  const { spent } = retractable
  const functions = { spent: { ...spent, add: (acc: { sum: number }, n: number) => spent.add(acc, picky(n)) } }
  await runTable(
    { ...changing(functions), onError: 'skip' },
    `in   a:4@1 a:2@2
     out  {"key":"a","spent":{"sum":4}}@1
     out  <{"key":"a","spent":{"sum":4}}@2
     out  >{"key":"a","spent":{"sum":6}}@2
     in   <a:4@3 >a:4@3 <a:4@4 >a:5@4 <a:2@5 >a:0@5 <b:1@6 >b:3@6
     out  <{"key":"a","spent":{"sum":6}}@4
     out  >{"key":"a","spent":{"sum":7}}@4
     out  <{"key":"a","spent":{"sum":7}}@5
     out  >{"key":"a","spent":{"sum":5}}@5
     out  {"key":"b","spent":{"sum":3}}@6
     in   <a:5@7 >a:0@7
     out  -{"key":"a","spent":{"sum":5}}@7`,
  )
})

test('a bounded job has the rows that are left at the end', async () => {
  await runTable(
    { ...changing(retractable), bounded: true },
    `in   a:4@3 a:2@2 b:1@3 -b:1@4 -a:4@5
     out
     wm   max
     out  {"key":"a","orders":1,"spent":{"sum":2}}@3`,
  )
})
