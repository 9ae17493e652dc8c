import { expectTypeOf } from 'expect-type'
import { z } from 'zod'
import { generator, job, json, mysql, redis, table, type Flow, type Stream } from '../index.ts'

// Goal: what is asked for and what is found keep their types, and the graph tells every option.

interface Order {
  readonly id: number
  readonly product: string
}
const orders = (flow: Flow): Stream<Order> =>
  flow.source(generator.source({ generate: (id) => ({ id, product: `p${id}` }) }))
const nodeOf = (build: (stream: Stream<Order>) => Stream<any>) =>
  job('asking', (flow) => build(orders(flow)).sinkTo(table.sink()))
    .build()
    .graph.operators.at(1)!

describe('mapAsync', () => {
  it('is of what its promise yields', () => {
    job('typed', (flow) => {
      const answers = orders(flow).mapAsync(async ({ id }, { signal }) => {
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
        return { id: await Promise.resolve(String(id)) }
      })
      expectTypeOf(answers).toEqualTypeOf<Stream<{ id: string }>>()
      // @ts-expect-error no promise: that is a map
      orders(flow).mapAsync((order) => order.id)
    })
  })

  it('tells its options, with their defaults', () => {
    const call = () => Promise.resolve(1)
    expect(nodeOf((stream) => stream.mapAsync(call)).options).toEqual({
      ...{ onError: 'fail', concurrency: 100, ordered: true, timeoutMs: 30_000, retries: 3, cache: null },
    })
    const cache = { key: (order: Order) => order.id, ttl: '5s' } as const
    expect(nodeOf((stream) => stream.mapAsync(call, { ordered: false, cache })).options).toMatchObject({
      ordered: false,
      cache: { ttlMs: 5_000, entriesMax: 10_000 },
    })
    expect(() => nodeOf((stream) => stream.mapAsync(call, { concurrency: 0 }))).toThrow("'concurrency'")
    expect(() => nodeOf((stream) => stream.mapAsync(call, { cache: { ttl: '5s' } as never }))).toThrow(
      "mapAsync: cache: option 'key' is missing",
    )
  })
})

describe('lookup', () => {
  const Product = z.object({ id: z.string(), price: z.coerce.number() })
  type Product = z.output<typeof Product>

  it('is of the record and what was found, which may be nothing', () => {
    job('typed', (flow) => {
      const key = ({ product }: Order) => product
      const products = mysql.lookup({ connection: 'shop', table: 'products', key: 'id', value: Product })
      expectTypeOf(orders(flow).lookup(products, { key })).toEqualTypeOf<
        Stream<{ readonly record: Order; readonly found: Product | null }>
      >()
      expectTypeOf(
        orders(flow).lookup(mysql.lookup<Product>({ connection: 'shop', table: 'products', key: 'id' }), {
          key,
          combine: (order, found) => ({ ...order, price: found?.price ?? 0 }),
        }),
      ).toEqualTypeOf<Stream<{ price: number; id: number; product: string }>>()
      const inRedis = { connection: 'cache', key: (id: string) => `product:${id}` }
      expectTypeOf(orders(flow).lookup(redis.lookup(inRedis), { key, combine: (_, text) => text })).toEqualTypeOf<
        Stream<string | null>
      >()
      expectTypeOf(
        orders(flow).lookup(redis.lookup({ ...inRedis, value: json<Product>() }), { key, combine: (_, one) => one }),
      ).toEqualTypeOf<Stream<Product | null>>()
      expectTypeOf(
        orders(flow).lookup(redis.lookup({ ...inRedis, command: 'hash' }), { key, combine: (_, one) => one }),
      ).toEqualTypeOf<Stream<Readonly<Record<string, string>> | null>>()
      expectTypeOf(
        orders(flow).lookup(redis.lookup({ ...inRedis, command: 'hash', value: Product }), {
          key,
          combine: (_, one) => one,
        }),
      ).toEqualTypeOf<Stream<Product | null>>()
      // @ts-expect-error a hash is validated by a schema and not decoded
      redis.lookup({ ...inRedis, command: 'hash', value: json() })
    })
  })

  it('tells its options, with their defaults', () => {
    const source = mysql.lookup({ connection: 'shop', table: 'products', key: 'id' })
    const key = ({ product }: Order) => product
    expect(nodeOf((stream) => stream.lookup(source, { key }))).toMatchObject({
      kind: 'lookup',
      connector: 'mysql',
      connection: 'shop',
      options: {
        onError: 'fail',
        connector: { table: 'products', key: 'id', columns: null },
        cache: { ttlMs: 60_000, entriesMax: 10_000 },
      },
    })
    expect(nodeOf((stream) => stream.lookup(source, { key, cache: false })).options['cache']).toBeNull()
    expect(() => nodeOf((stream) => stream.lookup(source, {} as never))).toThrow("option 'key' is missing")
    expect(() => nodeOf((stream) => stream.lookup(source, { key, cache: {} as never }))).toThrow("'ttl' is missing")
  })
})

test('sample and throttle tell their options', () => {
  expect(nodeOf((stream) => stream.sample(0.25)).options).toEqual({ onError: 'fail', fraction: 0.25, seed: 1 })
  expect(() => nodeOf((stream) => stream.sample(2))).toThrow('a number from 0 to 1')
  expect(nodeOf((stream) => stream.throttle({ records: 5, per: '1m' })).options).toEqual({
    ...{ onError: 'fail', records: 5, perMs: 60_000 },
  })
  expect(() => nodeOf((stream) => stream.throttle({ records: 0, per: '1m' }))).toThrow("'records'")
})
