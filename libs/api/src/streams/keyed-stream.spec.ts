import { expectTypeOf } from 'expect-type'
import {
  count,
  countWindow,
  generator,
  job,
  session,
  table,
  tumbling,
  type ChangelogStream,
  type Flow,
  type Json,
  type Ranked,
  type Stream,
  type TimeWindow,
} from '../index.ts'

// Goal: the types of joins and changelogs flow through, wrong use does not compile, and the graph says what the engine
// must know. Every @ts-expect-error is an assertion: the compiler fails where the line below it compiles.

interface Order {
  readonly user: string
  readonly amount: number
}
interface User {
  readonly id: string
  readonly name: string
}

const orders = (flow: Flow) =>
  flow.source(generator.source<Order>({ generate: () => ({ user: 'a', amount: 1 }) })).keyBy(({ user }) => user)
const users = (flow: Flow) =>
  flow.source(generator.source<User>({ generate: () => ({ id: 'a', name: 'Ada' }) })).keyBy(({ id }) => id)
const newestUsers = (flow: Flow) =>
  users(flow)
    .deduplicate({ keep: 'last' })
    .keyBy(({ id }) => id)

/** The options of the last operator but the sink. */
function optionsOf(build: (flow: Flow) => Stream<any> | ChangelogStream<any>): { readonly [name: string]: Json } {
  const built = job('test', (flow) => build(flow).sinkTo(table.sink({ key: () => 'k' }))).build()
  return built.graph.operators.at(-2)!.options
}

test('the side that an outer join may leave without partner may be null', () => {
  job('types', (flow) => {
    orders(flow).windowJoin(users(flow), tumbling('1m'), {
      combine: (order, user, window) => {
        expectTypeOf(order).toEqualTypeOf<Order>()
        expectTypeOf(user).toEqualTypeOf<User>()
        expectTypeOf(window).toEqualTypeOf<TimeWindow>()
      },
    })
    orders(flow).intervalJoin(users(flow), {
      from: '-5m',
      to: 0,
      kind: 'left',
      combine: (order, user) => {
        expectTypeOf(order).toEqualTypeOf<Order>()
        expectTypeOf(user).toEqualTypeOf<User | null>()
      },
    })
    orders(flow).join(users(flow), {
      kind: 'right',
      combine: (order, user) => {
        expectTypeOf(order).toEqualTypeOf<Order | null>()
        expectTypeOf(user).toEqualTypeOf<User>()
      },
    })
    const full = orders(flow).windowJoin(users(flow), tumbling('1m'), { kind: 'full' })
    expectTypeOf(full).toEqualTypeOf<Stream<{ readonly left: Order | null; readonly right: User | null }>>()
    const named = orders(flow).temporalJoin(newestUsers(flow), {
      combine: ({ amount }, { name }) => ({ amount, name }),
    })
    expectTypeOf(named).toEqualTypeOf<Stream<{ amount: number; name: string }>>()
  })
})

test('what cannot be joined does not compile', () => {
  job('types', (flow) => {
    const numbers = flow.source(generator.source<number>({ generate: (n) => n })).keyBy((n) => n)
    // @ts-expect-error keys of another type
    orders(flow).join(numbers)
    // @ts-expect-error a join ends its windows by their time
    orders(flow).windowJoin(users(flow), countWindow(5))
    // @ts-expect-error versions without a record are no rows
    orders(flow).temporalJoin(users(flow), { kind: 'full' })
    // @ts-expect-error rows that are taken back cannot be late
    newestUsers(flow).windowJoin(users(flow), tumbling('1m'))
    // @ts-expect-error windows take no rows back
    orders(flow).windowJoin(newestUsers(flow), tumbling('1m'))
    // @ts-expect-error nor do process functions
    newestUsers(flow).process({ onRecord: () => [] })
  })
})

test('what changes its rows is a changelog', () => {
  job('types', (flow) => {
    expectTypeOf(orders(flow).deduplicate()).toEqualTypeOf<Stream<Order>>()
    expectTypeOf(orders(flow).deduplicate({ keep: 'last' })).toEqualTypeOf<ChangelogStream<Order>>()
    expectTypeOf(orders(flow).topN(3, { by: ({ amount }) => amount })).toEqualTypeOf<
      ChangelogStream<Ranked<Order, string>>
    >()
    const counted = orders(flow).aggregate({ n: count() }, { emit: 'changelog' })
    expectTypeOf(counted.changes()).toExtend<Stream<{ readonly row: { readonly key: string; readonly n: number } }>>()
    orders(flow)
      .reduce((a) => a, { emit: 'changelog' })
      .filter(({ value }) => value.amount > 0)
      .keyBy(({ key }) => key)
      .aggregate({ n: count() })
      .sinkTo(table.sink({ key: ({ n }) => n }))
  })
})

test('the graph says of which kind the inputs are', () => {
  expect(optionsOf((flow) => orders(flow).join(users(flow)))).toMatchObject({ inputs: ['records', 'records'] })
  expect(optionsOf((flow) => orders(flow).join(newestUsers(flow)))).toMatchObject({ inputs: ['records', 'changelog'] })
  expect(optionsOf((flow) => newestUsers(flow).join(orders(flow), { kind: 'left', ttl: '1h' }))).toEqual({
    onError: 'fail',
    kind: 'left',
    ttlMs: 3_600_000,
    inputs: ['changelog', 'records'],
  })
  const by = ({ name }: User) => name
  expect(optionsOf((flow) => users(flow).topN(2, { by }))).toMatchObject({ n: 2, input: 'records' })
  expect(optionsOf((flow) => newestUsers(flow).topN(2, { by }))).toMatchObject({ n: 2, input: 'changelog' })
})

test('durations of an interval may be negative, and stand in their order', () => {
  const interval = (from: '-5m' | '1s' | 5, to: '-1s' | 0) => (flow: Flow) =>
    orders(flow).intervalJoin(users(flow), { from, to })
  expect(optionsOf(interval('-5m', '-1s'))).toMatchObject({ fromMs: -300_000, toMs: -1_000 })
  expect(() => optionsOf(interval('1s', 0))).toThrow("intervalJoin: option 'from' (1s) lies after 'to' (0).")
  expect(() => optionsOf((flow) => orders(flow).intervalJoin(users(flow), { from: 'x' as never, to: 0 }))).toThrow(
    "option 'from' must be a duration such as '5m' or '-5m'",
  )
})

test('a window join is of event time, and takes the gap of its sessions along', () => {
  const windows = [tumbling('1m', { time: 'processing' }), { kind: 'global' } as never]
  for (const windower of windows)
    expect(() => optionsOf((flow) => orders(flow).windowJoin(users(flow), windower))).toThrow('of event time')
  const gap = (record: Order | User) => ('amount' in record ? record.amount : 5)
  const built = job('sessions', (flow) =>
    orders(flow)
      .windowJoin(users(flow), session(gap), { name: 'join' })
      .sinkTo(table.sink({ key: () => 'k' })),
  ).build()
  expect(built.operators.get('join')!.functions).toMatchObject({ gap })
})
