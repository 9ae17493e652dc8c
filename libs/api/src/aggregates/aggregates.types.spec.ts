import { expectTypeOf } from 'expect-type'
import {
  approxDistinctCount,
  avg,
  collect,
  count,
  countIf,
  distinctCount,
  first,
  fold,
  generator,
  job,
  last,
  maxBy,
  median,
  min,
  minBy,
  quantiles,
  session,
  sliding,
  stddev,
  stringJoin,
  sum,
  table,
  topN,
  tumbling,
  variance,
  type Flow,
} from '../index.ts'

// Goal: aggregates take the record's type from the stream and give theirs to the result; over a changelog only those that
// can take rows back compile. Every @ts-expect-error is an assertion.

interface Trip {
  readonly city: string
  readonly km: number
}

const tripsOf = (flow: Flow) =>
  flow.source(generator.source({ generate: (km): Trip => ({ city: 'Rome', km }), count: 1 }))
const everything = table.sink({ row: (row: object) => ({ row: JSON.stringify(row) }) })

test('results have the types of their aggregates, with no annotation at the records', () => {
  job('types', (flow) => {
    const results = tripsOf(flow)
      .keyBy((trip) => trip.city)
      .window(sliding('10s', { every: '2s' }))
      .aggregate({
        trips: count(),
        long: countIf((trip) => trip.km > 100),
        km: sum((trip) => trip.km),
        mean: avg((trip) => trip.km),
        spread: variance((trip) => trip.km),
        deviation: stddev((trip) => trip.km, { of: 'population' }),
        shortest: minBy((trip) => trip.km),
        longest: maxBy((trip) => trip.km),
        top: topN(3, (trip) => trip.km, { order: 'ascending' }),
        opening: first<Trip>(),
        closing: last<Trip>(),
        all: collect<Trip>(),
        cities: distinctCount((trip) => trip.city),
        about: approxDistinctCount((trip) => trip.city, { precision: 14 }),
        named: quantiles((trip) => trip.km, { p50: 0.5, p99: 0.99 }),
        ordered: quantiles((trip) => trip.km, [0.1, 0.9]),
        middle: median((trip) => trip.km),
        names: stringJoin((trip) => trip.city, ', '),
        product: fold(
          () => 1,
          (product: number, trip: Trip) => product * trip.km,
          { merge: (a, b) => a * b },
        ),
      })
      .map((result) => {
        expectTypeOf(result.trips).toEqualTypeOf<number>()
        expectTypeOf(result.shortest).toEqualTypeOf<Trip>()
        expectTypeOf(result.top).toEqualTypeOf<readonly Trip[]>()
        expectTypeOf(result.opening).toEqualTypeOf<Trip>()
        expectTypeOf(result.all).toEqualTypeOf<readonly Trip[]>()
        expectTypeOf(result.named).toEqualTypeOf<{ readonly p50: number; readonly p99: number }>()
        expectTypeOf(result.ordered).toEqualTypeOf<readonly [number, number]>()
        expectTypeOf(result.names).toEqualTypeOf<string>()
        expectTypeOf(result.product).toEqualTypeOf<number>()
        return result
      })
    results.sinkTo(everything)
  }).build()
})

test('over a changelog there is what can take rows back', () => {
  const build = (aggregates: 'retractable' | 'others') => () =>
    job('changes', (flow) => {
      const rows = tripsOf(flow)
        .keyBy((trip) => trip.city)
        .aggregate({ km: sum((trip) => trip.km) }, { emit: 'changelog' })
        .keyBy(() => 'all')
      const about = { about: approxDistinctCount((row: { readonly key: string }) => row.key) }
      // @ts-expect-error a sketch cannot forget
      const others = () => rows.aggregate(about)
      const retractable = () =>
        rows.aggregate({
          cities: count(),
          least: min((row) => row.km),
          longest: maxBy((row) => row.km),
          top: topN(3, (row) => row.km),
        })
      const end = aggregates === 'others' ? others() : retractable()
      end.changes().sinkTo(everything)
    }).build()
  expect(build('retractable')).not.toThrow()
  expect(build('others')).toThrow("aggregate: 'about' cannot take rows back")
})

test('windows that join accumulators need a merge', () => {
  const product = fold(
    () => 1,
    (all: number, trip: Trip) => all * trip.km,
  )
  const build =
    (windower: ReturnType<typeof tumbling> | ReturnType<typeof sliding> | ReturnType<typeof session>) => () =>
      job('folds', (flow) => {
        tripsOf(flow)
          .keyBy((trip) => trip.city)
          .window(windower)
          .aggregate({ product })
          .sinkTo(everything)
      }).build()
  expect(build(tumbling('1m'))).not.toThrow()
  expect(build(sliding('1m', { every: '1s' }))).toThrow("aggregate 'product' has no merge, which sliding windows need")
  expect(build(session('1m'))).toThrow('which session windows need')
})

test('wrong aggregates do not compile', () => {
  job('wrong', (flow) => {
    const trips = tripsOf(flow).keyBy((trip) => trip.city)
    // @ts-expect-error a sum is of numbers
    trips.aggregate({ km: sum((trip) => trip.city) })
    // @ts-expect-error no such field
    trips.aggregate({ top: topN(3, (trip) => trip.miles) })
    // @ts-expect-error quantiles are numbers
    trips.aggregate({ km: quantiles((trip) => trip.km, { p50: '0.5' }) })
    // @ts-expect-error records cannot be told apart by value
    trips.aggregate({ trips: distinctCount((trip) => trip) })
  })
})
