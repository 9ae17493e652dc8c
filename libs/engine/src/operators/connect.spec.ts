import { state, type ConnectFunctions, type ConnectSpec, type StateSpecs } from '@lightflus/api'
import { createConnect } from './connect.ts'
import { runTable, type TestedOperator } from '../testing/operator-table.ts'
import { reducersOf, statesOf } from '../testing/process-specs.ts'

const connect = <S extends StateSpecs>({
  state: specs,
  ...functions
}: ConnectSpec<never, never, string, S, unknown>): TestedOperator<'connect'> => ({
  kind: 'connect',
  create: createConnect,
  functions: { ...functions, reducers: reducersOf(specs ?? {}) } as ConnectFunctions,
  options: { state: statesOf(specs ?? {}) },
})

test('both inputs share state and timers of their keys', async () => {
  const tested = connect({
    state: { order: state.value<string>(), payment: state.value<number>() },
    onLeft(order: string, { timestamp, state: { order: kept, payment }, timers }) {
      const paid = payment.get()
      payment.clear()
      if (paid !== undefined) return [`${order} paid ${paid}`]
      kept.set(order)
      timers.setEventTime(timestamp! + 10)
    },
    onRight(amount: number, { state: { order, payment } }) {
      const waiting = order.get()
      order.clear()
      if (waiting !== undefined) return [`${waiting} paid ${amount}`]
      payment.set(amount)
    },
    onTimer(_, { state: { order } }) {
      const unpaid = order.get()
      order.clear()
      return unpaid === undefined ? [] : [`${unpaid} unpaid`]
    },
  })
  const { operator } = await runTable(
    tested,
    `in   a:"book"@1 b:"pen"@2
     in1  a:7@3 c:5@4
     out  "book paid 7"@3
     in   c:"ink"@5
     out  "ink paid 5"@5
     wm   12
     out  "pen unpaid"@12`,
  )
  expect(operator.snapshot()!.keyGroups.size).toBe(0)
})

test('a record on which the function of its side throws is skipped alone', async () => {
  const { metrics } = await runTable(
    {
      ...connect({
        state: { seen: state.list<string>() },
        onLeft(value: string, { state: { seen } }) {
          seen.add(value)
          if (value === '!') throw new Error('no')
        },
        onRight: (_: string, { state: { seen } }) => [seen.get()],
      }),
      onError: 'skip',
    },
    `in   a:"x"@1 a:"!"@2 a:"y"@3
     in1  a:"?"@4
     out  ["x","y"]@4`,
  )
  expect(metrics.recordsSkipped).toBe(1)
})
