import fc from 'fast-check'
import {
  addCounters,
  countersOf,
  growth,
  isNothing,
  noUsage,
  spreadOverHours,
  usageCounters,
  type UsageCounters,
} from './usage-counters.ts'

const counters = fc.record(
  Object.fromEntries(usageCounters.map((name) => [name, fc.bigInt(0n, 10n ** 15n)])) as Record<
    keyof UsageCounters,
    fc.Arbitrary<bigint>
  >,
)
const hourMs = 3_600_000

/** The counters of an attempt as they rise, report by report. */
const rising = fc.array(counters, { minLength: 1, maxLength: 20 }).map((steps) => {
  let sum = noUsage
  return steps.map((step) => (sum = addCounters(sum, step)))
})

describe('metered use', () => {
  test('adds up to the highest report, whichever reports are lost, repeated or overtaken by others', () => {
    const history = rising.chain((reports) =>
      fc.array(fc.constantFrom(...reports), { minLength: 1 }).map((arrived) => arrived),
    )
    fc.assert(
      fc.property(
        history,
        fc.array(fc.integer({ min: 0, max: 5 * hourMs }), { minLength: 200, maxLength: 200 }),
        (arrived, gaps) => {
          let seen = noUsage
          let total = noUsage
          let now = 1_700_000_000_000
          for (const [index, report] of arrived.entries()) {
            const before = now
            now += gaps[index % gaps.length]
            const grown = growth(seen, report)
            for (const { counters: part } of spreadOverHours(grown, before, now)) total = addCounters(total, part)
            seen = addCounters(seen, grown)
          }
          for (const name of usageCounters) {
            const highest = arrived.reduce((max, report) => (report[name] > max ? report[name] : max), 0n)
            expect(total[name]).toBe(highest)
          }
        },
      ),
    )
  })

  test('repeats without effect', () => {
    fc.assert(fc.property(counters, (report) => isNothing(growth(report, report))))
  })

  test('is spread evenly over the hours between two reports', () => {
    const from = 10 * hourMs + hourMs / 2
    const spread = spreadOverHours({ ...noUsage, recordsIn: 400n }, from, from + 2 * hourMs)
    expect(spread.map(({ hour, counters: part }) => [hour / hourMs, part.recordsIn])).toEqual([
      [10, 100n],
      [11, 200n],
      [12, 100n],
    ])
  })

  test('goes to the present hour when no time has passed, or the clock went back', () => {
    const grown = { ...noUsage, bytesOut: 7n }
    expect(spreadOverHours(grown, 5 * hourMs, 5 * hourMs)).toEqual([{ hour: 5 * hourMs, counters: grown }])
    expect(spreadOverHours(grown, 9 * hourMs, 5 * hourMs)).toEqual([{ hour: 5 * hourMs, counters: grown }])
  })

  test('takes hostile numbers as nothing', () => {
    const usage = { slotSeconds: -5, recordsIn: 1e300, recordsOut: 0.4, bytesIn: 2, bytesOut: 0 }
    expect(countersOf(usage)).toEqual({
      slotMs: 0n,
      recordsIn: BigInt(Number.MAX_SAFE_INTEGER),
      recordsOut: 0n,
      bytesIn: 2n,
      bytesOut: 0n,
    })
  })
})
