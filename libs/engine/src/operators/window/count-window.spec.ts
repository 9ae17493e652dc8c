import { runTable, type TestedOperator } from '../../testing/operator-table.ts'
import { windows } from '../../testing/window-tables.ts'

const counted = (size: number, slide = size): TestedOperator<'window'> =>
  windows({ windower: { kind: 'count', size, slide } })

const row = (key: string, all: string) =>
  `{"key":"${key}","pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"all":[${all}]}`

test('a window fires when it is full, with the greatest event time of its records', async () => {
  await runTable(
    counted(2),
    `in   a:1@5 b:2@9 a:3@1 b:4
     out  ${row('a', '1,3')}@5
     out  ${row('b', '2,4')}@9
     in   a:5 a:6
     out  ${row('a', '5,6')}
     wm   max
     out`,
  )
})

test('a sliding one fires every so often with the last records, and at the end with those that no result holds', async () => {
  await runTable(
    counted(4, 2),
    `in   a:1@1 a:2@2 a:3@3
     out  ${row('a', '1,2')}@2
     wm   100
     out
     in   a:4@4 a:5@5 a:6@6 a:7@7
     out  ${row('a', '1,2,3,4')}@4
     out  ${row('a', '3,4,5,6')}@6
     wm   max
     out  ${row('a', '5,6,7')}@7`,
  )
})

test('no record is late', async () => {
  const { metrics } = await runTable(counted(1), `wm 100\nin a:1@1\nout ${row('a', '1')}@1`)
  expect(metrics.recordsLate).toBe(0)
})

test('a record that is skipped is in none of its windows, and does not count', async () => {
  const picky = {
    create: () => ({ all: [] as number[] }),
    add(into: { all: number[] }, value: number) {
      into.all.push(value)
      if (into.all.length === 2 && value === 9) throw new Error('nine')
      return into
    },
    merge: (a: { all: number[] }) => a,
    result: ({ all }: { all: number[] }) => [...all],
  }
  const { metrics } = await runTable(
    { ...counted(3, 2), functions: { aggregates: { all: picky } }, onError: 'skip' },
    `in   a:1@1 a:9@2 a:2@3 a:3@4 a:4@5
     out  ${row('a', '1,2')}@3
     out  ${row('a', '2,3,4')}@5`,
  )
  expect(metrics.recordsSkipped).toBe(1)
})
