import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { rowIdentity } from './row-identity.ts'

const row = fc.anything({
  withDate: true,
  withMap: true,
  withSet: true,
  withBigInt: true,
  withTypedArray: true,
  maxDepth: 2,
})
/** Undefined is a value, as a field that is not there is none; -0 is 0. */
const plain = (value: unknown): unknown => (Object.is(value, -0) ? 0 : value)

test('copies are the same row', () => {
  fc.assert(
    fc.property(
      fc.object({ withDate: true, withMap: true, withSet: true, withBigInt: true, withTypedArray: true }),
      (value) => {
        expect(rowIdentity(structuredClone(value))).toBe(rowIdentity(value))
      },
    ),
  )
})

test('different values are different rows', () => {
  fc.assert(
    fc.property(row, row, (a, b) => {
      if (rowIdentity(a) === rowIdentity(b)) expect(isDeepStrictEqual(plain(a), plain(b))).toBe(true)
    }),
    { numRuns: 2_000 },
  )
  const alike = [
    1,
    '1',
    1n,
    true,
    'true',
    null,
    'null',
    undefined,
    [1],
    ['1'],
    { a: 1 },
    { a: '1' },
    new Map([['a', 1]]),
    new Date(1),
  ]
  expect(new Set(alike.map(rowIdentity)).size).toBe(alike.length)
})
