import fc from 'fast-check'

/** Numbers that lengths and counts are told by, at the edges of what they can be. */
const edges = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff]

/** How bytes are damaged: their end is cut off, bits flip, a number is put in, others follow or take their place. */
export const damage: fc.Arbitrary<(bytes: Buffer) => Buffer> = fc.oneof(
  fc.nat().map((at) => (bytes: Buffer) => bytes.subarray(0, at % (bytes.length + 1))),
  fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 4 }).map((flips) => (bytes: Buffer) => {
    const copy = Buffer.from(bytes)
    for (const [at, bit] of flips) if (copy.length > 0) copy[at % copy.length]! ^= 1 << bit
    return copy
  }),
  fc.tuple(fc.nat(), fc.constantFrom(...edges), fc.constantFrom(1, 2, 4)).map(([at, number, width]) => {
    return (bytes: Buffer) => {
      const copy = Buffer.from(bytes)
      if (copy.length >= width) copy.writeUIntBE(number % 256 ** width, at % (copy.length - width + 1), width)
      return copy
    }
  }),
  // A variable-length number that is as long as it can be, and one that is longer.
  fc.tuple(fc.nat(), fc.constantFrom(5, 8, 11)).map(([at, width]) => (bytes: Buffer) => {
    const start = at % (bytes.length + 1)
    const number = Buffer.alloc(width, 0xff).fill(0x0f, width - 1)
    return Buffer.concat([bytes.subarray(0, start), number, bytes.subarray(start + width)])
  }),
  fc.uint8Array({ maxLength: 60 }).map((more) => (bytes: Buffer) => Buffer.concat([bytes, more])),
  fc.uint8Array({ maxLength: 120 }).map((other) => () => Buffer.from(other)),
)
