import { expectTypeOf } from 'expect-type'
import { generator, job, sideOutput, state, sum, type Flow, type Stream } from '../index.ts'

// Goal: what process functions emit, and what they remember, is told by the functions and states alone.
// Every @ts-expect-error is an assertion: the compiler fails where the line below it compiles.

interface Order {
  readonly user: string
  readonly amount: number
}

const ordersOf = (flow: Flow): Stream<Order> =>
  flow.source(generator.source({ generate: (index) => ({ user: `u${index % 3}`, amount: index }), count: 3 }))

test('what is emitted is what onRecord and onTimer return, arrays and generators alike', () => {
  job('results', (flow) => {
    const users = ordersOf(flow).keyBy((order) => order.user)
    const mixed = users.process({
      state: { seen: state.value<number>() },
      onRecord(order, { key, state: { seen } }) {
        expectTypeOf(order).toEqualTypeOf<Order>()
        expectTypeOf(key).toEqualTypeOf<string>()
        if (seen.get() !== undefined) return
        seen.set(order.amount)
        return [{ first: order.amount }]
      },
      *onTimer(time, { timer }) {
        expectTypeOf(timer).toEqualTypeOf<'eventTime' | 'processingTime'>()
        yield time
      },
    })
    expectTypeOf(mixed).toEqualTypeOf<Stream<{ first: number } | number>>()
    const generated = users.process({
      *onRecord(order) {
        yield order.user
      },
    })
    expectTypeOf(generated).toEqualTypeOf<Stream<string>>()
    const silent = users.process({ onRecord: (order, { output }) => output(sideOutput<Order>('all'), order) })
    expectTypeOf(silent).toEqualTypeOf<Stream<never>>()
    const unkeyed = ordersOf(flow).process({ onRecord: (order, { key }) => (key === null ? [order.amount] : []) })
    expectTypeOf(unkeyed).toEqualTypeOf<Stream<number>>()
  })
})

test('states have the types of their declarations', () => {
  job('states', (flow) => {
    ordersOf(flow)
      .keyBy((order) => order.user)
      .process({
        state: {
          last: state.value<Order>({ ttl: '1h' }),
          all: state.list<Order>(),
          byDay: state.map<number, { orders: number }>(),
          spent: state.reducing(sum((order: Order) => order.amount)),
        },
        onRecord(order, { state: { last, all, byDay, spent } }) {
          expectTypeOf(last.get()).toEqualTypeOf<Order | undefined>()
          expectTypeOf(all.get()).toEqualTypeOf<readonly Order[]>()
          expectTypeOf(byDay.get(1)).toEqualTypeOf<{ orders: number } | undefined>()
          expectTypeOf(spent.get()).toEqualTypeOf<number | undefined>()
          spent.add(order)
          // @ts-expect-error the state holds orders
          last.set(1)
          // @ts-expect-error the days are numbers
          byDay.set('monday', { orders: 1 })
          // @ts-expect-error it adds up orders
          spent.add('order')
        },
      })
  })
})

test('connected streams share states, and emit what all their functions return', () => {
  job('connected', (flow) => {
    const orders = ordersOf(flow).keyBy((order) => order.user)
    const limits = flow
      .source(generator.source({ generate: (index) => ({ owner: `u${index}`, limit: 10 }), count: 1 }))
      .keyBy((limit) => limit.owner)
    const connected = orders.connect(limits, {
      state: { limit: state.value<number>() },
      onLeft: (order, { state: { limit } }) => (order.amount > (limit.get() ?? Infinity) ? [order] : []),
      onRight: ({ limit }, context) => context.state.limit.set(limit),
      onTimer: () => ['timer'],
    })
    expectTypeOf(connected).toEqualTypeOf<Stream<Order | string>>()
    const numbered = ordersOf(flow).keyBy((order) => order.amount)
    // @ts-expect-error keys of another kind
    orders.connect(numbered, { onLeft: () => [], onRight: () => [] })
  })
})

test('broadcast state is written by onBroadcast and read by the others', () => {
  job('broadcast', (flow) => {
    const rules = flow.source(generator.source({ generate: (index) => ({ limit: index }), count: 1 })).broadcast()
    const spec = { limit: state.value<number>() }
    const keyed = ordersOf(flow)
      .keyBy((order) => order.user)
      .connect(rules, {
        state: { seen: state.value<number>() },
        broadcastState: spec,
        onRecord(order, { key, broadcast, state: { seen } }) {
          expectTypeOf(key).toEqualTypeOf<string>()
          expectTypeOf(broadcast.limit.get()).toEqualTypeOf<number | undefined>()
          seen.set(1)
          // @ts-expect-error to read only
          expect(() => broadcast.limit.set(1)).toThrow()
          return [order]
        },
        onBroadcast(rule, { broadcast, ...rest }) {
          broadcast.limit.set(rule.limit)
          // @ts-expect-error no record, so no key
          void rest.key
          return ['rule']
        },
        onTimer: (time) => [time],
      })
    expectTypeOf(keyed).toEqualTypeOf<Stream<Order | string | number>>()
    const unkeyed = ordersOf(flow).connect(rules, {
      broadcastState: spec,
      onRecord: (order, { broadcast }) => (order.amount > (broadcast.limit.get() ?? 0) ? [order.user] : []),
      onBroadcast: ({ limit }, { broadcast }) => broadcast.limit.set(limit),
    })
    expectTypeOf(unkeyed).toEqualTypeOf<Stream<string>>()
  })
})

test('wrong use does not compile', () => {
  job('wrong', (flow) => {
    const orders = ordersOf(flow)
    const users = orders.keyBy((order) => order.user)
    // @ts-expect-error a record does not wait for a promise
    users.process({ onRecord: async (order) => [order] })
    // @ts-expect-error a record is no collection of records
    users.process({ onRecord: (order) => order })
    // @ts-expect-error text is no collection of records, though it can be iterated over
    users.process({ onRecord: (order) => order.user })
    // @ts-expect-error state belongs to keys
    orders.process({ state: { seen: state.value<number>() }, onRecord: () => [] })
    // @ts-expect-error timers belong to keys
    orders.process({ onRecord: (order, { timers }) => timers.setEventTime(order.amount) })
    // @ts-expect-error a side output of another type
    users.process({ onRecord: (order, { output }) => output(sideOutput<string>('text'), order) })
  })
})
