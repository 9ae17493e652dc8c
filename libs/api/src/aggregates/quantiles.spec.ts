import fc from 'fast-check'
import { median, quantiles } from './quantiles.ts'

const itself = (n: number) => n
const number = fc.oneof(
  fc.integer({ min: -1_000, max: 1_000 }),
  fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
  fc.double({ noNaN: true, min: 1e-9, max: 1 }),
  fc.constant(0),
)

/** What stands at the share of the sorted numbers. */
function exact(numbers: readonly number[], share: number): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(share * (numbers.length - 1))]!
}

function expectWithin(actual: number, expected: number, accuracy: number): void {
  // Rounding of logarithms at a bin's bound.
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(Math.abs(expected) * accuracy * (1 + 1e-6))
}

test('every quantile is within the relative error, whatever the numbers and however they are split', () => {
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(0.001, 0.01, 0.1),
      fc.nat(200),
      (numbers, share, accuracy, cut) => {
        const aggregate = quantiles(itself, [0, share, 1], { accuracy })
        const parts = [numbers.slice(0, cut), numbers.slice(cut)].map((part) =>
          part.reduce((sketch, n) => aggregate.add(structuredClone(sketch), n), aggregate.create()),
        )
        const second = structuredClone(parts[1])
        const [least, middle, greatest] = aggregate.result(aggregate.merge(parts[0]!, parts[1]!))
        expect(parts[1]).toEqual(second)
        expectWithin(least!, Math.min(...numbers), accuracy)
        expectWithin(middle!, exact(numbers, share), accuracy)
        expectWithin(greatest!, Math.max(...numbers), accuracy)
      },
    ),
    { numRuns: 500 },
  )
})

test('what is taken back leaves no trace', () => {
  fc.assert(
    fc.property(fc.array(number), fc.array(number), (kept, taken) => {
      const aggregate = median(itself)
      const all = [...kept, ...taken].reduce(aggregate.add, aggregate.create())
      expect(taken.reduce(aggregate.retract, all)).toEqual(kept.reduce(aggregate.add, aggregate.create()))
    }),
  )
  const aggregate = median(itself)
  expect(() => aggregate.retract(aggregate.create(), 1)).toThrow('had not been put in')
})

test('the state has a bin for each factor that the numbers span, not one for each number', () => {
  const aggregate = median(itself)
  let sketch = aggregate.create()
  for (let n = 1; n <= 100_000; n++) sketch = aggregate.add(sketch, n / 100)
  expect(sketch.positive.size).toBeLessThan(600)
  expectWithin(aggregate.result(sketch), 500, 0.01)
})

test('results have the names that they are asked for by, or their order', () => {
  const named = quantiles(itself, { low: 0.1, p99: 0.99 })
  const ordered = quantiles(itself, [0.1, 0.99])
  const result = named.result([...Array(101).keys()].reduce(named.add, named.create()))
  expect(Object.keys(result)).toEqual(['low', 'p99'])
  expectWithin(result.p99, 99, 0.01)
  expect(ordered.result([...Array(101).keys()].reduce(ordered.add, ordered.create()))).toEqual(Object.values(result))
})

test('wrong numbers and options are refused', () => {
  expect(() => quantiles(itself, {})).toThrow('numbers from 0 to 1')
  expect(() => quantiles(itself, { p99: 99 })).toThrow('numbers from 0 to 1')
  expect(() => median(itself, { accuracy: 0 })).toThrow("option 'accuracy' must be a number from 0.0001 to 0.5")
  const aggregate = median((value: { ms?: number }) => value.ms!)
  expect(() => aggregate.add(aggregate.create(), {})).toThrow('was given undefined')
})
