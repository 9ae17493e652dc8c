import { expectTypeOf } from 'expect-type'
import { z } from 'zod'
import {
  avg,
  count,
  files,
  generator,
  job,
  kafka,
  max,
  min,
  redis,
  sum,
  table,
  text,
  tumbling,
  type KafkaRecord,
  type Stream,
  type TimeWindow,
} from './index.ts'

// Goal: types flow from the schema to the last sink with no annotation in between, and wrong use does not compile.
// Every @ts-expect-error is an assertion: the compiler fails where the line below it compiles.

const Order = z.object({
  id: z.string(),
  user: z.string(),
  amount: z.number(),
  at: z.string().transform((text) => new Date(text)),
})
type Order = z.output<typeof Order>

test('types flow from the schema through windows and aggregates to the sink', () => {
  job('flow', (flow) => {
    const orders = flow.source(
      kafka.source({ connection: 'shop', topic: 'orders', value: Order, eventTime: (order) => order.at.getTime() }),
    )
    expectTypeOf(orders).toEqualTypeOf<Stream<Order>>()
    const users = orders.filter((order) => order.amount > 0).keyBy((order) => order.user)
    const windows = users
      .window(tumbling('1m'))
      .aggregate({ orders: count(), spent: sum((order) => order.amount), mean: avg((order) => order.amount) })
    windows.map((result) => {
      expectTypeOf(result.key).toEqualTypeOf<string>()
      expectTypeOf(result.window).toEqualTypeOf<TimeWindow>()
      expectTypeOf(result.orders).toEqualTypeOf<number>()
      expectTypeOf(result.mean).toEqualTypeOf<number>()
      return result
    })
    windows.sinkTo(
      redis.sink({ connection: 'cache', key: (result) => `spend:${result.key}`, value: (result) => result.spent }),
    )
    users
      .aggregate({ least: min((o) => o.amount), most: max((o) => o.amount) })
      .sinkTo(table.sink({ key: (r) => r.key, row: ({ least, most }) => ({ least, most }) }))
    users
      .reduce((a, b) => (a.amount > b.amount ? a : b))
      .map(({ key, value }) => {
        expectTypeOf(key).toEqualTypeOf<string>()
        expectTypeOf(value).toEqualTypeOf<Order>()
        return value
      })
  })
})

test('formats, envelopes, generators and type guards keep their types', () => {
  job('formats', (flow) => {
    expectTypeOf(flow.source(kafka.source({ connection: 'c', topic: 't', value: text() }))).toEqualTypeOf<
      Stream<string>
    >()
    expectTypeOf(
      flow.source(kafka.source({ connection: 'c', topic: 't', value: Order, envelope: true })),
    ).toEqualTypeOf<Stream<KafkaRecord<Order>>>()
    expectTypeOf(flow.source(files.source({ path: 'a.csv', format: 'csv', value: Order }))).toEqualTypeOf<
      Stream<Order>
    >()
    expectTypeOf(flow.source(files.source({ path: 'a.txt', format: 'text' }))).toEqualTypeOf<Stream<string>>()
    expectTypeOf(
      flow.source(files.source({ path: 'a', format: 'parquet', value: Order, columns: ['user'] })),
    ).toEqualTypeOf<Stream<Order>>()
    expectTypeOf(
      flow.source(generator.source({ generate: (index, { random }) => ({ index, dice: random() }) })),
    ).toEqualTypeOf<Stream<{ index: number; dice: number }>>()
    const mixed = flow.source(generator.source({ generate: (index): number | string => (index % 2 ? index : 'even') }))
    expectTypeOf(mixed.filter((value) => typeof value === 'number')).toEqualTypeOf<Stream<number>>()
  })
})

test('wrong use does not compile', () => {
  job('wrong', (flow) => {
    const orders = flow.source(kafka.source({ connection: 'shop', topic: 'orders', value: Order }))
    // @ts-expect-error a field that the schema does not have
    orders.map((order) => order.amuont)
    // @ts-expect-error columns are a list
    files.source({ path: 'a', format: 'parquet', value: Order, columns: 'user' })
    // @ts-expect-error a record does not wait for a promise
    orders.map(async (order) => order.amount)
    // @ts-expect-error state cannot belong to an object
    orders.keyBy((order) => ({ user: order.user }))
    // @ts-expect-error without a key there is no running state
    void orders.reduce
    const users = orders.keyBy((order) => order.user)
    // @ts-expect-error a sum is of numbers
    users.aggregate({ spent: sum((order) => order.id) })
    // @ts-expect-error a keyed stream has no sink: say what to keep of each key first
    void users.sinkTo
    const counts = users.aggregate({ orders: count() })
    // @ts-expect-error the sink reads a field that the result does not have
    counts.sinkTo(redis.sink({ connection: 'c', key: (result) => result.key, value: (result) => result.spent }))
    const numbers = orders.map((order) => order.amount)
    // @ts-expect-error a row is an object of columns
    numbers.sinkTo(table.sink({ row: (n) => n }))
  })
})

// Wrong durations do not compile either; they are refused at run time for those who write JavaScript.
test('a duration has a unit', () => {
  // @ts-expect-error no such unit
  expect(() => tumbling('1 minute')).toThrow('must be a duration')
})
