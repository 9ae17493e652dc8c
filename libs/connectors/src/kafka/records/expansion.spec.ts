import fc from 'fast-check'
import { damage } from '../../testing/damaged-bytes.ts'
import { WireError } from '../protocol/wire.ts'
import { plainExpansion, type Expanding } from './expansion.ts'
import { expansionInWebAssembly, fastestExpansion } from './expansion-instance.ts'
import { unlz4 } from './lz4.ts'
import { unsnappy } from './snappy.ts'

// Goal: WebAssembly expands what the plain form expands, to the same, and refuses the rest.

const fresh = (length: number): Buffer => Buffer.alloc(length, 0x55)
const inWebAssembly: Expanding = (bytes, bytesMax) => expansionInWebAssembly(fresh)(bytes, bytesMax)!

/** What blocks are made of: bytes as they are, and repetitions of what lies so far back. */
type Part = { readonly literal: Uint8Array } | { readonly distance: number; readonly length: number }

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({
    literal: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.integer({ min: 60, max: 700 }).map((size) => Buffer.alloc(size, size)),
    ),
  }),
  fc.record({
    distance: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3_000 })),
    length: fc.oneof(fc.integer({ min: 4, max: 64 }), fc.integer({ min: 4, max: 700 })),
  }),
)

/** What the parts stand for; repetitions go back to where there is something. */
function meaning(parts: readonly Part[]): { readonly parts: Part[]; readonly bytes: Buffer } {
  const bytes: number[] = []
  const fitting = parts.flatMap((part): Part[] => {
    if ('literal' in part) {
      bytes.push(...part.literal)
      return [part]
    }
    if (bytes.length === 0) return []
    const distance = 1 + ((part.distance - 1) % bytes.length)
    for (let left = part.length; left > 0; left--) bytes.push(bytes[bytes.length - distance]!)
    return [{ distance, length: part.length }]
  })
  return { parts: fitting, bytes: Buffer.from(bytes) }
}

const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)])

function snappyOf(parts: readonly Part[], size: number): Buffer {
  const bytes = varint(size)
  for (const part of parts) {
    if ('literal' in part) {
      const less = part.literal.length - 1
      if (less < 60) bytes.push(less << 2)
      else if (less < 256) bytes.push(60 << 2, less)
      else bytes.push(61 << 2, less & 0xff, less >>> 8)
      bytes.push(...part.literal)
      continue
    }
    for (let left = part.length; left > 0;) {
      const length = Math.min(left, 64)
      const { distance } = part
      if (length >= 4 && length <= 11 && distance < 2_048)
        bytes.push(1 | ((length - 4) << 2) | ((distance >>> 8) << 5), distance & 0xff)
      else if (distance % 2 === 0) bytes.push(2 | ((length - 1) << 2), distance & 0xff, distance >>> 8)
      else bytes.push(3 | ((length - 1) << 2), distance & 0xff, distance >>> 8, 0, 0)
      left -= length
    }
  }
  return Buffer.from(bytes)
}

function lz4Of(parts: readonly Part[]): Buffer {
  const block: number[] = []
  const long = (length: number): number[] =>
    length < 15 ? [] : [...Array<number>(Math.floor((length - 15) / 255)).fill(255), (length - 15) % 255]
  const sequence = (literals: readonly number[], repeated?: { distance: number; length: number }) => {
    const rest = repeated ? repeated.length - 4 : 0
    block.push((Math.min(literals.length, 15) << 4) | Math.min(rest, 15), ...long(literals.length), ...literals)
    if (repeated) block.push(repeated.distance & 0xff, repeated.distance >>> 8, ...long(rest))
  }
  let literals: number[] = []
  for (const part of parts) {
    if ('literal' in part) literals.push(...part.literal)
    else {
      sequence(literals, part)
      literals = []
    }
  }
  sequence(literals)
  const size = Buffer.alloc(4)
  size.writeUInt32LE(block.length)
  return Buffer.concat([Buffer.from('04224d18604000', 'hex'), size, Buffer.from(block), Buffer.alloc(4)])
}

const undo = { snappy: unsnappy, lz4: unlz4 }
const codec = fc.constantFrom('snappy', 'lz4')
const compressed = fc.tuple(codec, fc.array(part, { minLength: 1, maxLength: 12 })).map(([name, parts]) => {
  const { parts: fitting, bytes } = meaning(parts)
  return { name, bytes, packed: name === 'snappy' ? snappyOf(fitting, bytes.length) : lz4Of(fitting) }
})

function outcome(name: 'snappy' | 'lz4', packed: Buffer, expanding: Expanding): string {
  try {
    return undo[name](packed, 100_000, expanding).toString('base64')
  } catch (thrown) {
    if (thrown instanceof WireError || thrown instanceof RangeError) return thrown.name
    throw thrown
  }
}

test('both forms undo what was compressed', () => {
  fc.assert(
    fc.property(compressed, ({ name, bytes, packed }) => {
      for (const expanding of [plainExpansion, inWebAssembly, fastestExpansion(fresh)])
        expect(outcome(name, packed, expanding)).toBe(bytes.toString('base64'))
    }),
    { numRuns: 1_000 },
  )
})

test('both come to the same where the bytes are damaged', () => {
  fc.assert(
    fc.property(compressed, fc.array(damage, { minLength: 1, maxLength: 3 }), ({ name, packed }, damages) => {
      const bytes = damages.reduce<Buffer>((damaged, change) => change(damaged), packed)
      expect(outcome(name, bytes, inWebAssembly)).toBe(outcome(name, bytes, plainExpansion))
    }),
    { numRuns: 4_000 },
  )
})

test('what is larger than the memory of the one is expanded by the other', () => {
  const zeros = (count: number) => meaning([{ literal: Buffer.of(1) }, { distance: 1, length: count }])
  const { parts, bytes } = zeros(17 * 1024 * 1024)
  const packed = snappyOf(parts, bytes.length)
  expect(expansionInWebAssembly(fresh)(packed, bytes.length)).toBeUndefined()
  expect(unsnappy(packed, bytes.length, fastestExpansion(fresh)).equals(bytes)).toBe(true)
})
