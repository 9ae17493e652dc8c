import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { equalRows, hashRow } from './row-equality.ts'

/** Fields in the opposite order, all the way down. */
function turned(row: unknown): unknown {
  if (Array.isArray(row)) return row.map(turned)
  if (typeof row !== 'object' || row === null || Object.getPrototypeOf(row) !== Object.prototype) return row
  const entries = Object.entries(row).map(([name, value]) => [name, turned(value)] as const)
  return Object.fromEntries(entries.reverse())
}

const row = fc.object({
  maxDepth: 2,
  key: fc.constantFrom('a', 'b', 'c'),
  values: [
    fc.constantFrom<unknown>(0, 1, 'a', '', null, undefined, true, NaN, 2.5, 3n),
    fc.constantFrom(0, 1).map((time) => new Date(time)),
    fc.constantFrom([1, 2], [1, 3]).map((bytes) => Uint8Array.from(bytes)),
    fc.constantFrom([1], [1, 2], []).map((all) => new Set(all)),
    fc.constantFrom([1], [2]).map((all) => new Map(all.map((each) => ['k', each]))),
    fc.constantFrom([], [1], [[]]),
  ],
})

test('two rows are equal exactly where Node finds them to be, and their hashes then are, too', () => {
  fc.assert(
    fc.property(row, row, (a, b) => {
      expect(equalRows(a, b)).toBe(isDeepStrictEqual(a, b))
      if (equalRows(a, b)) expect(hashRow(a)).toBe(hashRow(b))
    }),
    { numRuns: 2_000 },
  )
})

test('a copy is equal, also with its fields in another order', () => {
  fc.assert(
    fc.property(row, (each) => {
      const copy = structuredClone(turned(each))
      expect(equalRows(each, copy)).toBe(true)
      expect(hashRow(copy)).toBe(hashRow(each))
    }),
  )
})

test.each<[unknown, unknown]>([
  [{ a: 1 }, { b: 1 }],
  [{ a: undefined }, {}],
  [
    [1, 2],
    [2, 1],
  ],
  [[], {}],
  [{}, []],
  [new Date(0), {}],
  [{}, new Set()],
  [1, '1'],
  [null, undefined],
  [new Map([[1, 2]]), new Map([[2, 1]])],
])('%p and %p differ', (a, b) => {
  expect(equalRows(a, b)).toBe(false)
})

test('what crossed an exchange has lost its class', () => {
  class Point {
    x = 1
  }
  expect(equalRows(new Point(), structuredClone(new Point()))).toBe(true)
})
