import fc from 'fast-check'
import { StateWeight } from './state-weight.ts'

// Goal: the sum of what entries weigh is about right although only few are looked at, and none counts for too many.

test('few entries that grow in place are weighed again and again, until the sum is about theirs', () => {
  const entries = new Map([
    ['a', 10],
    ['b', 20],
  ])
  const weight = new StateWeight(
    () => entries.values(),
    (bytes) => bytes,
  )
  expect(weight.bytes(2)).toBe(30)
  entries.set('a', 1_000)
  for (let call = 0; call < 10; call++) weight.bytes(2)
  // On its way it takes those that it has not met to be as they were on the way before.
  expect(weight.bytes(2)).toBeGreaterThanOrEqual(1_020)
  expect(weight.bytes(2)).toBeLessThanOrEqual(1_510)
  entries.clear()
  expect(weight.bytes(0)).toBe(0)
})

test('one entry that is very large does not count for all', () => {
  const entries = new Map<number, number>()
  const weight = new StateWeight(
    () => entries.values(),
    (bytes) => bytes,
  )
  let bytes = 0
  for (let batch = 0; batch < 100; batch++) {
    for (let i = 0; i < 1_000; i++) entries.set(entries.size, entries.size === 0 ? 1e6 : 100)
    bytes = weight.bytes(entries.size)
    expect(bytes).toBeGreaterThan(0.9 * 100 * entries.size)
    expect(bytes).toBeLessThan(1.1 * (1e6 + 100 * entries.size))
  }
})

const change = fc.record({ add: fc.nat(400), remove: fc.nat(400), bytes: fc.integer({ min: 50, max: 100 }) })

test('whatever comes and goes, it lies between the least and the greatest that so many entries may weigh', () => {
  fc.assert(
    fc.property(fc.constantFrom('keys', 'rows'), fc.array(change, { maxLength: 60 }), (of, changes) => {
      const entries = new Map<number, number>()
      let next = 0
      let visits = 0
      const weight = new StateWeight(
        () => entries.values(),
        (bytes) => {
          visits++
          return bytes
        },
        of,
      )
      let added = 0
      for (const { add, remove, bytes } of changes) {
        for (let i = 0; i < add; i++) entries.set(next++, bytes)
        for (const key of [...entries.keys()].slice(0, remove)) entries.delete(key)
        added += add
        const said = weight.bytes(entries.size)
        expect(said).toBeGreaterThanOrEqual(50 * entries.size - 1)
        expect(said).toBeLessThanOrEqual(100 * entries.size + 1)
      }
      // So that it costs next to nothing.
      expect(visits).toBeLessThanOrEqual(2 * added + 2 * changes.length)
    }),
  )
})

test('where many entries grow in place, it follows them', () => {
  const entries = new Map(Array.from({ length: 10_000 }, (_, key) => [key, 100]))
  const weight = new StateWeight(
    () => entries.values(),
    (bytes) => bytes,
  )
  weight.bytes(10_000)
  for (const key of entries.keys()) entries.set(key, 1_000)
  for (let call = 0; call < 1_000; call++) weight.bytes(10_000)
  expect(weight.bytes(10_000)).toBeGreaterThan(0.9 * 1e7)
})

/** Of a spread of one to ten, shuffled by the seed. */
const weightsOf = (count: number, seed: number): number[] => {
  let state = seed
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return 100 + Math.floor(((state >>> 0) / 2 ** 32) * 900)
  })
}

test('of many entries only some are weighed, and the sum is within a fifth of that of all', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('keys', 'rows'),
      fc.integer({ min: 1_100, max: 6_000 }),
      fc.integer(),
      fc.integer({ min: 1, max: 3_000 }),
      (of, count, seed, batch) => {
        const entries = new Map<number, number>()
        let visits = 0
        const weight = new StateWeight(
          () => entries.values(),
          (bytes) => {
            visits++
            return bytes
          },
          of,
        )
        let all = 0
        for (const bytes of weightsOf(count, seed)) {
          entries.set(entries.size, bytes)
          all += bytes
          if (entries.size % batch === 0) weight.bytes(entries.size)
        }
        const said = weight.bytes(count)
        expect(said).toBeGreaterThan(0.8 * all)
        expect(said).toBeLessThan(1.2 * all)
        // The first, a part of the others, and the few that are met again with each call.
        expect(visits).toBeLessThanOrEqual(256 + count / (of === 'keys' ? 4 : 8) + 2 * (count / batch) + 2)
      },
    ),
    { numRuns: 200 },
  )
})

test.each([1_500, 4_000, 9_999])('all that a key holds is counted once, wherever it stands among many: at %i', (at) => {
  const large = 50e6
  const entries = new Map(Array.from({ length: 10_000 }, (_, key) => [key, key === at ? large : 100]))
  const weight = new StateWeight(
    () => entries.values(),
    (bytes) => bytes,
  )
  let said = 0
  let most = 0
  // As many as bring it round all of them five times.
  for (let call = 0; call < 25_000; call++) most = Math.max(most, (said = weight.bytes(10_000)))
  expect(most).toBeLessThan(1.2 * (large + 1e6))
  expect(said).toBeGreaterThan(0.9 * large)
})
