import fc from 'fast-check'
import { approxDistinctCount } from './approx-distinct-count.ts'
import { hash, hashValue } from './hash.ts'
import type { Countable } from './values.ts'

const itself = (value: Countable) => value
const counting = (precision: number) => approxDistinctCount(itself, { precision })

function sketchOf(precision: number, values: Iterable<Countable>) {
  const aggregate = counting(precision)
  let sketch = aggregate.create()
  for (const value of values) sketch = aggregate.add(sketch, value)
  return sketch
}

const value = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
  fc.boolean(),
  fc.bigInt(),
)

test('few values are counted all but exactly, however often each comes', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 100 }), (values) => {
      expect(counting(12).result(sketchOf(12, [...values, ...values]))).toBe(
        new Set(values.map((v) => (v === 0 ? 0 : v))).size,
      )
    }),
  )
})

test('a merged sketch is that of all values, before and after the registers take over', () => {
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 60 }),
      fc.array(value, { maxLength: 60 }),
      fc.constantFrom(4, 8, 9),
      (a, b, precision) => {
        const aggregate = counting(precision)
        const right = sketchOf(precision, b)
        const before = structuredClone(right)
        const merged = aggregate.merge(structuredClone(sketchOf(precision, a)), right)
        expect(right).toEqual(before)
        expect(aggregate.result(merged)).toBe(aggregate.result(sketchOf(precision, [...a, ...b])))
        aggregate.add(merged, 'one more')
        expect(right).toEqual(before)
      },
    ),
  )
})

test.each([8, 10, 12])('at precision %i the error is what is documented, from few values to many', (precision) => {
  const aggregate = counting(precision)
  const standardError = 1.04 / Math.sqrt(2 ** precision)
  const sizes = [10, 100, 1_000, 10_000]
  const squares = sizes.map(() => 0)
  const rounds = 12
  for (let round = 0; round < rounds; round++) {
    let sketch = aggregate.create()
    let count = 0
    sizes.forEach((size, at) => {
      // Numbers that follow each other and texts that differ little: what a weak hash would show in.
      for (; count < size; count++)
        sketch = aggregate.add(sketch, round % 2 ? `user-${round}-${count}` : round * 1e6 + count)
      squares[at]! += (aggregate.result(sketch) / size - 1) ** 2 / rounds
    })
    expect(sketch.few).toBeNull()
  }
  // The values are fixed, so this cannot fail by chance; of twelve rounds the root mean square is within 1.7 of the standard.
  for (const square of squares) expect(Math.sqrt(square)).toBeLessThan(1.7 * standardError)
})

test('the state is bounded', () => {
  const sketch = sketchOf(10, Array(5_000).keys())
  expect([sketch.few, sketch.registers!.byteLength]).toEqual([null, 1_024])
})

test('hashes are those of every version, and tell types apart', () => {
  const hashed = (of: Countable) => {
    hashValue(of)
    return (BigInt(hash.high >>> 0) << 32n) | BigInt(hash.low >>> 0)
  }
  expect(hashed(-0)).toBe(hashed(0))
  expect(new Set([hashed(1), hashed('1'), hashed(1n), hashed(true), hashed('true')]).size).toBe(5)
  expect(['', 'a', 'ab', 'user-1', 0, 1.5, true, 7n].map((of) => hashed(of).toString(16))).toMatchInlineSnapshot(`
   [
     "380c7fd8ee279077",
     "64f89131bb452b38",
     "27d293ffb357f6b2",
     "d10e7099bebd4758",
     "21b228eff3d268b0",
     "92986dc4ae90ab69",
     "5f2be6cee6b39aba",
     "c0ace3f4be1baecc",
   ]
  `)
})

test('every bit of the input reaches every bit of the hash', () => {
  const flips = Array.from({ length: 64 }, () => 0)
  const inputs = 4_000
  for (let i = 0; i < inputs; i++) {
    hashValue(`key-${i}`)
    const before = [hash.high, hash.low]
    hashValue(`key-${i ^ 1}`)
    for (let bit = 0; bit < 64; bit++) {
      const word = bit < 32 ? before[0]! ^ hash.high : before[1]! ^ hash.low
      flips[bit]! += (word >>> (bit % 32)) & 1
    }
  }
  for (const flipped of flips) expect(Math.abs(flipped / inputs - 0.5)).toBeLessThan(0.04)
})

test('registers are those of the definition, whether a value was listed first or not', () => {
  const precision = 16
  const values = Array.from({ length: 20_000 }, (_, i) => `value-${i}`)
  const expected = new Uint8Array(2 ** precision)
  for (const each of values) {
    hashValue(each)
    const bits = (hash.high >>> 0).toString(2).padStart(32, '0') + (hash.low >>> 0).toString(2).padStart(32, '0')
    const index = Number.parseInt(bits.slice(0, precision), 2)
    const rest = bits.slice(precision)
    expected[index] = Math.max(expected[index]!, rest.includes('1') ? rest.indexOf('1') + 1 : rest.length + 1)
  }
  expect(sketchOf(precision, values).registers).toEqual(expected)
})

test('a precision out of bounds is refused', () => {
  expect(() => counting(17)).toThrow("option 'precision' must be a whole number from 4 to 16")
  expect(() => sketchOf(12, [undefined as unknown as string])).toThrow('was given undefined')
})
