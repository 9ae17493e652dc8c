import { createHash } from 'node:crypto'
import type { JobDefinition } from 'lightflus'
import { nexmarkEvents, type NexmarkOptions } from './generator.ts'
import { Evaluation, type Row } from './testing/evaluation.ts'
import { canonical, folded, newest } from './testing/final-rows.ts'
import { runQuery } from './testing/run-query.ts'
import { statements } from './testing/statements.ts'

const linesOf = (count: number, options: NexmarkOptions): readonly string[] => {
  const event = nexmarkEvents(options)
  return Array.from({ length: count }, (_, n) => event(n))
}

/** Queries that show their results before they are final: of those with equal values in these columns the last one counts. */
const earlyResults: Readonly<Record<string, readonly string[]>> = {
  q15: ['day'],
  q16: ['channel', 'day'],
  q17: ['auction', 'day'],
}

describe('the generator', () => {
  it.each([
    [{}, 'd81d3e39964080e4fa6641f2956aaff1'],
    [{ seed: 7, disorderMs: 3_000 }, '451c81c3780658000b77e2b1b6fa9a5f'],
  ])('makes the events of %j as ever', (options, expected) => {
    // Other engines are measured on the same bytes.
    const hash = createHash('md5')
    for (const line of linesOf(10_000, options)) hash.update(`${line}\n`)
    expect(hash.digest('hex')).toBe(expected)
  })
})

const eventSets = [
  {
    // Both sides of midnight; windows, sessions and auctions of a few hundred events, out of order.
    events: 20_000,
    options: { seed: 42, perSecond: 15, disorderMs: 3_000, base: Date.UTC(2026, 0, 1, 23, 52) },
    runs: [
      { bounded: true, parallelism: 1, partitions: 1 },
      { bounded: false, parallelism: 4, partitions: 3 },
    ],
  },
  {
    // All the morning; windows of two or three events, sessions of one.
    events: 5_000,
    options: { seed: 7, perSecond: 0.25, base: Date.UTC(2026, 2, 28, 4, 40) },
    runs: [
      { bounded: true, parallelism: 4, partitions: 4 },
      { bounded: false, parallelism: 1, partitions: 4 },
    ],
  },
  {
    // Two seconds, out of order: many events of one time, auctions that end together, everything in one window.
    events: 12_000,
    options: { seed: 1, perSecond: 5_000, disorderMs: 500 },
    runs: [
      { bounded: true, parallelism: 1, partitions: 2 },
      { bounded: false, parallelism: 4, partitions: 4 },
    ],
  },
]

describe.each(eventSets)('over $events events of $options', ({ events, options, runs }) => {
  const lines = linesOf(events, options)
  let evaluation: Evaluation
  beforeAll(async () => {
    evaluation = await Evaluation.open(lines)
  })
  afterAll(() => evaluation.close())

  describe.each(Object.keys(statements))('%s', (name) => {
    let query: JobDefinition
    let expected: readonly Row[]
    beforeAll(async () => {
      query = ((await import(`./queries/${name}.ts`)) as { default: JobDefinition }).default
      expected = await evaluation.rows(statements[name]!)
    })

    it.each(runs)('gives what SQL gives, bounded: $bounded, parallelism: $parallelism', async (run) => {
      const changes = await runQuery(query, lines, run)
      // Bounded: every result once, final.
      if (run.bounded) expect(changes.filter(({ change }) => change !== 'insert')).toEqual([])
      const isFinal = run.bounded || !(name in earlyResults)
      const rows = isFinal ? folded(changes) : newest(folded(changes), earlyResults[name]!)
      compare(canonical(name === 'q12' ? totals(rows) : rows), canonical(expected))
    })
  })
})

/** In how many windows of the clock a bidder's bids have fallen is not a matter of the data; how many they are is. */
function totals(rows: readonly Row[]): readonly Row[] {
  const counts = new Map<string | number, number>()
  for (const { bidder, bidCount } of rows) counts.set(bidder, (counts.get(bidder) ?? 0) + (bidCount as number))
  return [...counts].map(([bidder, bidCount]) => ({ bidder, bidCount }))
}

/** Shows a few rows that differ instead of thousands. */
function compare(found: readonly string[], expected: readonly string[]): void {
  expect(expected.length).toBeGreaterThan(0)
  const without = (rows: readonly string[], others: readonly string[]) => {
    const there = new Set(others)
    return rows.filter((row) => !there.has(row)).slice(0, 3)
  }
  expect({ rows: found.length, missing: without(expected, found), tooMany: without(found, expected) }).toEqual({
    rows: expected.length,
    missing: [],
    tooMany: [],
  })
  expect(found).toEqual(expected)
}
