import fc from 'fast-check'
import { hashKey, keyGroupCount, keyGroupOf, subtaskOfKeyGroup } from './key-group.ts'

const key = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.double({ noNaN: true }), fc.boolean())

test('the groups of keys never change: checkpoints of every release rely on them', () => {
  const groups = ['', 'a', 'user-1', 'Zürich', '💥', 0, 1, -1, 2 ** 31, 1.5, 1e300, true, false].map(keyGroupOf)
  expect(groups).toEqual([11, 51, 108, 64, 0, 0, 55, 57, 5, 28, 63, 55, 6])
})

test('a key is in one group, whichever form of 0 it has', () => {
  fc.assert(
    fc.property(key, (value) => {
      const group = keyGroupOf(value)
      expect(Number.isInteger(group) && group >= 0 && group < keyGroupCount).toBe(true)
      expect(keyGroupOf(structuredClone(value))).toBe(group)
    }),
  )
  expect(hashKey(-0)).toBe(hashKey(0))
})

/** Chi-squared of a thousand keys a group; beyond 250 for 127 degrees of freedom chance is out of the question. */
function unevenness(keys: readonly (string | number)[]): number {
  const counts = new Array<number>(keyGroupCount).fill(0)
  for (const each of keys) counts[keyGroupOf(each)]++
  const expected = keys.length / keyGroupCount
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

test.each<[string, (i: number) => string | number]>([
  ['numbered names', (i) => `user-${i}`],
  ['digits', (i) => String(i)],
  ['long common beginnings', (i) => `https://example.com/shop/articles/by-number/${i}`],
  ['hexadecimal', (i) => (i * 7919).toString(16).padStart(8, '0')],
  ['whole numbers', (i) => i],
  ['multiples of 128', (i) => i * 128],
  ['multiples of 1,000', (i) => i * 1_000],
  ['negative numbers', (i) => -i],
  ['milliseconds since the epoch', (i) => 1_700_000_000_000 + i * 60_000],
  ['fractions', (i) => i / 8 + 0.1],
])('%s spread evenly over the groups', (_what, make) => {
  expect(unevenness(Array.from({ length: keyGroupCount * 1_000 }, (_, i) => make(i)))).toBeLessThan(250)
})

test('subtasks own contiguous ranges of groups that differ by one group at most', () => {
  for (let parallelism = 1; parallelism <= keyGroupCount; parallelism++) {
    const owners = Array.from({ length: keyGroupCount }, (_, group) => subtaskOfKeyGroup(group, parallelism))
    expect(owners).toEqual([...owners].sort((a, b) => a - b))
    const sizes = Array.from({ length: parallelism }, (_, subtask) => owners.filter((each) => each === subtask).length)
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    expect(Math.min(...sizes)).toBeGreaterThan(0)
  }
})
