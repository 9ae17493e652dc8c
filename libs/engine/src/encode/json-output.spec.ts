import fc from 'fast-check'
import { JsonOutput, numberMax } from './json-output.ts'

// Goal: a number is written as JSON.stringify writes it, by whichever of the ways; a copied text is the same bytes.

const out = new JsonOutput()

function written(value: number): string {
  const end = out.number(3, value)
  expect(end - 3).toBeLessThanOrEqual(numberMax)
  return new TextDecoder().decode(out.bytes.subarray(3, end))
}

/** The numbers just beside it, too: of two that differ in the last bit only one is a short decimal. */
function neighbours(value: number): number[] {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigInt64(0)
  return [-2n, -1n, 0n, 1n, 2n].map((step) => {
    view.setBigInt64(0, bits + step)
    return view.getFloat64(0)
  })
}

const decimal = fc
  .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 9 }))
  .map(([digits, places]) => Number(`${digits}e-${places}`))
const anyNumber = fc.oneof(
  fc.double(),
  decimal,
  fc.tuple(fc.integer(), fc.constantFrom(0.908, 0.1, 1e-6, 3, 1 / 3)).map(([n, by]) => n * by),
  fc.integer({ min: -20_000_000, max: 20_000_000 }).map((n) => n / 1e7),
)

test('numbers are written as JSON.stringify writes them', () => {
  fc.assert(
    fc.property(anyNumber, (value) => {
      for (const each of neighbours(value)) expect(written(each)).toBe(JSON.stringify(each))
    }),
    { numRuns: 5_000 },
  )
})

// prettier-ignore
test.each([
  0, -0, 0.1, -0.1, 0.000001, 0.0000001, 0.0000015, 0.999999, 0.9999999, 1e9, 999_999_999.999999, 999_999_999.9999999, -1e9 - 0.5, 1e15 + 0.5,
  2 ** 31, -(2 ** 31), 2 ** 31 - 1, 2 ** 53, 1e21, 1e-300, 0.1 + 0.2, 5e-324, Number.MAX_VALUE, Infinity, -Infinity, NaN, 100.5, 100.05, 1234.567891,
])('%p', (value) => expect(written(value)).toBe(JSON.stringify(value)))

test('a text is copied as it is, whatever lies behind it', () => {
  // What stands behind a text are other bytes, which need be no UTF-8: here those of NaNs that no computation makes.
  const behind = [0xf0, 0x7f, 0x01, 0, 0, 0, 0, 0, 0xf4, 0xff, 0xf7, 0x7f, 1, 2, 3, 4, 0xf1, 0xff, 0xff, 0xff]
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.nat(9),
      fc.nat(9),
      fc.nat(8),
      (text, from, to, skipped) => {
        const bytes = new TextEncoder().encode(text)
        const source = Uint8Array.from([...Array<number>(from).fill(7), ...bytes, ...behind.slice(skipped)])
        const end = out.copy(to, new DataView(source.buffer), source, from, from + bytes.length)
        expect(out.bytes.slice(to, end)).toEqual(bytes)
      },
    ),
    { numRuns: 2_000 },
  )
})
