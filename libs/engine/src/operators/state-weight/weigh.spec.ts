import { weigh } from './weigh.ts'

test.each<[string, unknown, number]>([
  ['a small number', 7, 0],
  ['nothing', null, 0],
  ['a time', 1_700_000_000_000, 16],
  ['a text', 'abcdefgh', 24],
  ['a text beyond Latin', '日本語', 22],
  ['a record', { id: 1, name: 'abcdefgh' }, 24 + 2 * 8 + 24],
  ['a list of one', [1], 48 + 8],
  ['a list', [1, 2, 3, 4, 5, 6, 7, 8], 48 + 8 * (8 + 8 + 1)],
  ['bytes', new Uint8Array(1_000), 224 + 1_000],
  ['a set', new Set([1, 2]), 152],
  ['a map', new Map([[1, 2]]), 184],
])('%s', (_what, value, bytes) => {
  expect(weigh(value)).toBe(bytes)
})

test('a long collection is weighed by some of its elements', () => {
  const names = Array.from({ length: 100_000 }, (_, i) => `name ${10_000 + (i % 7)}`)
  expect(weigh(names)).toBe(48 + 8 * 8 + 100_000 * (8 + 1 + 16 + 10))
  expect(weigh(new Map(names.map((name, i) => [i, name])))).toBe(72 + 2 ** 17 * 28 + 100_000 * 26)
})

test('what is nested without end is not walked through', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 'x' : Array.from({ length: 3 }, () => deep(levels - 1)))
  expect(weigh(deep(9))).toBeGreaterThan(3 ** 3 * 8)
  const ring: unknown[] = []
  ring.push(ring)
  expect(weigh(ring)).toBeLessThan(100_000)
})

test('what throws when it is read is no reason to end a job', () => {
  const hostile = {
    get name(): string {
      throw new Error('not now')
    },
  }
  expect(weigh([hostile])).toBeGreaterThan(0)
})
