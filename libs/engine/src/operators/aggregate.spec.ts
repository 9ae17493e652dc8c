import { avg, count, max, min, sum, type Aggregate } from '@lightflus/api'
import { createAggregate } from './aggregate.ts'
import { runTable, type TestedOperator } from '../testing/operator-table.ts'

const amount = (value: { n: number }) => value.n
const aggregate = (names: Readonly<Record<string, Aggregate>>): TestedOperator<'aggregate'> => ({
  kind: 'aggregate',
  create: createAggregate,
  options: { aggregates: Object.keys(names) },
  functions: { aggregates: names },
})

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
