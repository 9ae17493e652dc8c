import { jobRates, rateOperators } from './operator-rates.ts'

const metrics = (operator: string, recordsIn: number, recordsOut: number) => ({
  operator,
  recordsIn,
  recordsOut,
  bytesIn: 0,
  bytesOut: 0,
  recordsSkipped: 0,
  recordsLate: 0,
  recordsAhead: 0,
  recordsPlain: 0,
  stateEntries: 0,
  stateBytes: 0,
  watermark: null,
  lag: null,
})
const report = (at: number, read: number, attempt = 1) => ({
  attempt,
  at,
  operators: [metrics('read', 0, read), metrics('write', read / 2, 0)],
})
const rates = (rated: ReturnType<typeof rateOperators>) =>
  rated.operators.map((each) => [each.recordsInPerSecond, each.recordsOutPerSecond])

describe('rates of operators', () => {
  test('are what was counted per second since the report before', () => {
    const first = rateOperators(report(1_000, 0), undefined)
    expect(rates(first)).toEqual([
      [0, 0],
      [0, 0],
    ])
    const second = rateOperators(report(3_000, 400), first)
    expect(rates(second)).toEqual([
      [0, 200],
      [100, 0],
    ])
  })

  test('stay as they are at a report that comes too soon, and are then taken over the whole time', () => {
    const second = rateOperators(report(3_000, 400), rateOperators(report(1_000, 0), undefined))
    const early = rateOperators(report(3_100, 900), second)
    expect(rates(early)).toEqual(rates(second))
    expect(early.operators[0].recordsOut).toBe(900)
    expect(rates(rateOperators(report(4_000, 1_400), early))).toEqual([
      [0, 1_000],
      [500, 0],
    ])
  })

  test('begin at nothing in a new attempt', () => {
    const before = rateOperators(report(3_000, 400), rateOperators(report(1_000, 0), undefined))
    expect(rates(rateOperators(report(5_000, 90, 2), before))).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  test('of a job are those of its sources and sinks', () => {
    const rated = rateOperators(report(3_000, 400), rateOperators(report(1_000, 0), undefined))
    expect(
      jobRates(
        rated.operators,
        new Map([
          ['read', 'source'],
          ['write', 'sink'],
        ]),
      ),
    ).toEqual({ in: 200, out: 100 })
  })
})
