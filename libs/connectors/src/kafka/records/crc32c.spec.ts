import fc from 'fast-check'
import { crc32c, crc32cOfTable } from './crc32c.ts'
import { crc32cInWebAssembly } from './crc32c-instance.ts'

const forms = [
  ['the fastest that there is here', crc32c],
  ['WebAssembly', crc32cInWebAssembly()!],
] as const

test('the checksum is that of its definition', () => {
  // RFC 3720, B.4.
  expect(crc32cOfTable(Buffer.from('123456789'))).toBe(0xe306_9283)
  expect(crc32cOfTable(Buffer.alloc(32))).toBe(0x8a91_36aa)
})

test.each(forms)('%s gives what the table gives, wherever the bytes lie and however long they are', (_name, form) => {
  // Lengths at which another part of the work begins, and any between.
  const length = fc.oneof(
    fc.nat(70),
    fc.tuple(fc.constantFrom(2_048, 16_384, 294_912), fc.integer({ min: -20, max: 40 })).map(([a, b]) => a + b),
    fc.nat(400_000),
  )
  const noise = Buffer.alloc(420_000)
  let state = 1
  for (let at = 0; at < noise.length; at++) noise[at] = (state = (Math.imul(state, 1_103_515_245) + 12_345) | 0) >>> 16
  fc.assert(
    fc.property(length, fc.nat(20_000), (length, start) => {
      const bytes = noise.subarray(start, start + length)
      expect(form(bytes)).toBe(crc32cOfTable(bytes))
    }),
    { numRuns: 150 },
  )
})
