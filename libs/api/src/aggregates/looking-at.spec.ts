import type { Aggregate } from '../definition.ts'
import { approxDistinctCount } from './approx-distinct-count.ts'
import { collect, first, last, stringJoin } from './arrivals.ts'
import { count, countIf } from './count.ts'
import { distinctCount } from './distinct-count.ts'
import { maxBy, minBy } from './extreme-records.ts'
import { max, min } from './extremes.ts'
import { fold } from './fold.ts'
import { median, quantiles } from './quantiles.ts'
import { avg, sum } from './sum.ts'
import { topN } from './top-n.ts'
import { stddev, variance } from './variance.ts'
import { where } from './where.ts'

// Goal: what says that it only calls functions with a record does nothing else with one: neither looks at it nor keeps it.

interface Trip {
  readonly km: number
  readonly city: string
}

let looking = 0

/** As a function of a program would, but that the record can tell who looks at it. */
const by =
  <R>(of: (trip: Trip) => R) =>
  (trip: Trip): R => {
    looking++
    try {
      return of(trip)
    } finally {
      looking--
    }
  }
const km = by((trip) => trip.km)
const city = by((trip) => trip.city)
const isFar = by((trip) => trip.km > 2)

const lookers: Readonly<Record<string, Aggregate<Trip>>> = {
  count: count(),
  countIf: countIf(isFar),
  sum: sum(km),
  avg: avg(km),
  min: min(km),
  max: max(km),
  variance: variance(km),
  stddev: stddev(km),
  distinctCount: distinctCount(city),
  approxDistinctCount: approxDistinctCount(city),
  quantiles: quantiles(km, [0.5]),
  median: median(km),
  stringJoin: stringJoin(city),
  'where count': where(isFar, count()),
  'where sum': where(isFar, sum(km)),
  'where where': where(isFar, where(isFar, distinctCount(city))),
}

const forms = Object.entries(lookers).flatMap(([name, aggregate]) => [
  { name, aggregate },
  ...(aggregate.overChangelog ? [{ name: `${name} over a changelog`, aggregate: aggregate.overChangelog }] : []),
])

test.each(forms)('$name', ({ aggregate }) => {
  const { looksAt, create, add, merge, retract, result } = aggregate as Aggregate<Trip>
  const refuse = () => {
    throw new Error('looked at by the aggregate itself')
  }
  const trips = [1, 2, 3, 4].map(
    (at) =>
      new Proxy({ km: at, city: `c${at}` } satisfies Trip, {
        get: (trip, name) => (looking > 0 ? trip[name as keyof Trip] : refuse()),
        has: refuse,
        ownKeys: refuse,
        getPrototypeOf: refuse,
      }),
  )
  let accumulator: unknown = trips.slice(0, 3).reduce(add, create())
  accumulator = merge(accumulator, add(create(), trips[3]!))
  if (retract) accumulator = retract(accumulator, trips[3]!)
  result(accumulator)
  // A proxy could not be cloned.
  expect(() => structuredClone(accumulator)).not.toThrow()
  expect(looksAt!.every((fn) => [km, city, isFar].includes(fn as typeof km))).toBe(true)
})

test('what keeps records, or whose functions were replaced, does not say so', () => {
  const keepers: readonly Aggregate<Trip>[] = [
    minBy(km),
    maxBy(km),
    topN(2, km),
    first(),
    last(),
    collect(),
    fold(
      () => 0,
      (all, trip: Trip) => all + trip.km,
    ),
    where(isFar, collect<Trip>()),
    { ...sum(km), add: (total: number, trip: Trip) => total + trip.city.length },
  ]
  for (const { looksAt } of keepers) expect(looksAt).toBeUndefined()
})
