import fc from 'fast-check'
import type { Aggregate, RetractableAggregate } from '../definition.ts'
import { collect, first, last, stringJoin } from './arrivals.ts'
import { count, countIf } from './count.ts'
import { distinctCount } from './distinct-count.ts'
import { maxBy, minBy } from './extreme-records.ts'
import { max, min } from './extremes.ts'
import { fold } from './fold.ts'
import { avg, sum } from './sum.ts'
import { topN } from './top-n.ts'
import { stddev, variance } from './variance.ts'

interface Trip {
  readonly id: number
  readonly km: number
  readonly city: string
}

const km = (trip: Trip) => trip.km
const total = (trips: readonly Trip[]) => trips.reduce((all, trip) => all + trip.km, 0)
const mean = (trips: readonly Trip[]) => total(trips) / trips.length
const squares = (trips: readonly Trip[]) => trips.reduce((all, trip) => all + (trip.km - mean(trips)) ** 2, 0)
/** Stable, as what the aggregates promise for equal ones. */
const byKm = (trips: readonly Trip[]) => [...trips].sort((a, b) => a.km - b.km)
const byKmDown = (trips: readonly Trip[]) => [...trips].sort((a, b) => b.km - a.km)

interface Case {
  readonly aggregate: Aggregate<Trip>
  readonly naive: (trips: readonly Trip[]) => unknown
}

/** Every aggregate, and the same evaluated from all records at once. */
const cases: Readonly<Record<string, Case>> = {
  count: { aggregate: count(), naive: (trips) => trips.length },
  countIf: { aggregate: countIf((trip) => trip.km > 0), naive: (trips) => trips.filter((trip) => trip.km > 0).length },
  sum: { aggregate: sum(km), naive: total },
  min: { aggregate: min(km), naive: (trips) => Math.min(...trips.map(km)) },
  max: { aggregate: max(km), naive: (trips) => Math.max(...trips.map(km)) },
  avg: { aggregate: avg(km), naive: mean },
  variance: { aggregate: variance(km), naive: (trips) => squares(trips) / (trips.length - 1) },
  'variance of all': { aggregate: variance(km, { of: 'population' }), naive: (trips) => squares(trips) / trips.length },
  stddev: { aggregate: stddev(km), naive: (trips) => Math.sqrt(squares(trips) / (trips.length - 1)) },
  minBy: { aggregate: minBy(km), naive: (trips) => byKm(trips)[0] },
  maxBy: { aggregate: maxBy(km), naive: (trips) => byKmDown(trips)[0] },
  'maxBy text': {
    aggregate: maxBy((trip) => trip.city),
    naive: (trips) => trips.reduce((best, trip) => (trip.city > best.city ? trip : best)),
  },
  topN: { aggregate: topN(3, km), naive: (trips) => byKmDown(trips).slice(0, 3) },
  'topN ascending': { aggregate: topN(2, km, { order: 'ascending' }), naive: (trips) => byKm(trips).slice(0, 2) },
  first: { aggregate: first(), naive: (trips) => trips[0] },
  last: { aggregate: last(), naive: (trips) => trips.at(-1) },
  collect: { aggregate: collect(), naive: (trips) => trips },
  distinctCount: {
    aggregate: distinctCount((trip) => trip.city),
    naive: (trips) => new Set(trips.map((t) => t.city)).size,
  },
  stringJoin: {
    aggregate: stringJoin((trip) => JSON.stringify(trip), '-'),
    naive: (trips) => trips.map((t) => JSON.stringify(t)).join('-'),
  },
  fold: {
    aggregate: fold(
      () => 1,
      (product, trip: Trip) => (product * (trip.km + 10)) % 97,
      { merge: (a, b) => (a * b) % 97 },
    ),
    naive: (trips) => Number(trips.reduce((product, trip) => (product * BigInt(trip.km + 10)) % 97n, 1n)),
  },
}

const trip = fc.record({
  id: fc.nat(99),
  km: fc.integer({ min: -9, max: 9 }),
  city: fc.constantFrom('Rome', 'Lima', 'Oslo', ''),
})
const trips = fc.array(trip, { minLength: 1, maxLength: 20 })

function over<Acc>(aggregate: Aggregate<Trip, Acc>, records: readonly Trip[], from = aggregate.create()): Acc {
  // As a snapshot and a restore between any two records would.
  return records.reduce((accumulator, record) => aggregate.add(structuredClone(accumulator), record), from)
}

/** Floats that are summed in another order differ in their last digits. */
function expectSame(actual: unknown, expected: unknown): void {
  if (Number.isFinite(expected)) expect(actual).toBeCloseTo(expected as number, 6)
  else expect(actual).toEqual(expected)
}

describe.each(Object.entries(cases))('%s', (_name, { aggregate, naive }) => {
  it('is what it is of all records at once', () => {
    fc.assert(fc.property(trips, (records) => expectSame(aggregate.result(over(aggregate, records)), naive(records))))
  })

  it('is the same however the records are split, and merging leaves what is merged as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.array(trip, { maxLength: 6 }), { minLength: 1, maxLength: 5 }), (parts) => {
        const records = parts.flat()
        if (records.length === 0) return
        const accumulators = parts.map((part) => over(aggregate, part))
        const before = structuredClone(accumulators)
        const left = accumulators.reduce((a, b) => aggregate.merge(a, b), aggregate.create())
        expect(accumulators).toEqual(before)
        const right = accumulators.reduceRight((b, a) => aggregate.merge(structuredClone(a), b), aggregate.create())
        expectSame(aggregate.result(left), naive(records))
        expectSame(aggregate.result(right), naive(records))
        // What goes on with one part changes no other.
        records.reduce((accumulator: unknown, record) => aggregate.add(accumulator, record), left)
        expect(accumulators).toEqual(before)
      }),
    )
  })

  it('gives a result that later records do not change', () => {
    fc.assert(
      fc.property(trips, trip, (records, next) => {
        const accumulator = over(aggregate, records)
        const result = aggregate.result(accumulator)
        const before = structuredClone(result)
        aggregate.add(accumulator, next)
        expect(result).toEqual(before)
      }),
    )
  })
})

const retractable = Object.entries(cases).flatMap(([name, { aggregate, naive }]) => {
  const over: Aggregate<Trip> = aggregate.overChangelog ?? aggregate
  return over.retract ? [{ name, aggregate: over as RetractableAggregate<Trip>, naive }] : []
})

test('all but a fold without retract can stand over changelogs', () => {
  expect(Object.keys(cases).filter((name) => !retractable.some((each) => each.name === name))).toEqual(['fold'])
})

describe.each(retractable)('$name over a changelog', ({ aggregate, naive }) => {
  it('is that of the rows that are left', () => {
    fc.assert(
      fc.property(
        fc.array(trip, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(11), { maxLength: 11 }),
        fc.nat(12),
        (records, taken, cut) => {
          const parts = [records.slice(0, cut), records.slice(cut)].map((part) => over(aggregate, part))
          let accumulator: unknown = aggregate.merge(parts[0], parts[1])
          const left = [...records]
          for (const index of taken) {
            if (index >= left.length || left.length === 1) continue
            const row = left[index]!
            // A copy, and of equal rows the oldest: which of them it is can't be told.
            accumulator = aggregate.retract(structuredClone(accumulator), structuredClone(row))
            left.splice(
              left.findIndex((other) => JSON.stringify(other) === JSON.stringify(row)),
              1,
            )
          }
          expectSame(aggregate.result(accumulator), naive(left))
        },
      ),
    )
  })

  it('takes nothing back that leaves a trace', () => {
    fc.assert(
      fc.property(trips, trips, (records, others) => {
        let accumulator: unknown = over(aggregate, records)
        for (const other of others) accumulator = aggregate.add(accumulator, other)
        for (const other of [...others].reverse()) accumulator = aggregate.retract(accumulator, other)
        // Equal rows cannot be told apart, so where order counts they are left out.
        const isOrdered = records.every((record) =>
          others.every((other) => JSON.stringify(other) !== JSON.stringify(record)),
        )
        if (isOrdered) expectSame(aggregate.result(accumulator), naive(records))
      }),
    )
  })
})

test('a sum over a changelog does not drift', () => {
  const { overChangelog } = sum((value: number) => value)
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), { maxLength: 30 }), (numbers) => {
      let accumulator = overChangelog.add(overChangelog.create(), 0.1)
      for (const number of numbers) accumulator = overChangelog.add(accumulator, number)
      for (const number of numbers) accumulator = overChangelog.retract(accumulator, number)
      expect(overChangelog.result(accumulator)).toBeCloseTo(0.1, 12)
    }),
  )
})

test.each([undefined, null, NaN, Infinity, '3', {}, []])('%p is no number', (given) => {
  const field = () => given as unknown as number
  for (const aggregate of [sum(field), min(field), max(field), avg(field), variance(field), stddev(field)]) {
    const before = structuredClone(aggregate.create())
    const accumulator = aggregate.create()
    expect(() => (aggregate as Aggregate).add(accumulator, {})).toThrow(
      expect.objectContaining({
        code: 'LF_AGGREGATE_VALUE',
        message: expect.stringContaining('a finite number') as string,
      }),
    )
    expect(accumulator).toEqual(before)
  }
})

test('what cannot be ordered, counted or joined is refused', () => {
  const nothing = () => undefined as unknown as string
  expect(() => minBy(nothing).add(null, {})).toThrow('a finite number or text, and was given undefined')
  expect(() => topN(1, () => NaN).add({ by: [], rows: [] }, {})).toThrow('was given NaN')
  expect(() => distinctCount(nothing).add(new Set(), {})).toThrow('text, a finite number, a boolean or a bigint')
  expect(() => stringJoin(nothing).add([], {})).toThrow('takes text')
})

test('a row that was never put in cannot be taken back', () => {
  for (const aggregate of [min(km), minBy(km), topN(1, km), first<Trip>(), distinctCount(km)]) {
    const { overChangelog } = aggregate as { overChangelog: RetractableAggregate<Trip> }
    const accumulator: unknown = overChangelog.add(overChangelog.create(), { id: 1, km: 1, city: '' })
    expect(() => overChangelog.retract(accumulator, { id: 1, km: 2, city: '' })).toThrow('had not been put in')
  }
})

test('options that make no sense are refused', () => {
  expect(() => topN(0, km)).toThrow("option 'n' must be a whole number from 1 to 10000")
  expect(() => variance(km, { of: 'everything' as 'sample' })).toThrow("must be one of 'sample', 'population'")
  expect(() => fold(1 as unknown as () => number, (n) => n)).toThrow("option 'create' must be a function")
  expect(() =>
    fold(
      () => 0,
      (n) => n,
    ).merge(0, 0),
  ).toThrow('has no merge')
})
