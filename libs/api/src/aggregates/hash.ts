import type { Countable } from './values.ts'

const numberBits = new Float64Array(1)
const numberWords = new Int32Array(numberBits.buffer)

/** The two halves of the last hash: written here, since a pair would be an object for every record. */
export const hash = { high: 0, low: 0 }

/**
 * Hashes a value to 64 bits, left in {@link hash}: two lanes of MurmurHash3 with constants of their own, mixed with each
 * other in the end. Values of different types differ. Sketches in checkpoints hold these bits: they must never change.
 */
export function hashValue(value: Countable): void {
  if (typeof value === 'number') {
    // -0 equals 0.
    numberBits[0] = value + 0
    hash.high = lane(lane(0x2b7e1516, numberWords[0]!, first), numberWords[1]!, first)
    hash.low = lane(lane(0x28aed2a6, numberWords[0]!, second), numberWords[1]!, second)
    return finish(8)
  }
  const text = String(value)
  const seed = typeof value === 'string' ? 0x3c6ef372 : typeof value === 'bigint' ? 0x1f83d9ab : 0x510e527f
  let high = seed
  let low = ~seed
  for (let i = 0; i < text.length; i += 2) {
    // Behind the last unit of an odd number of them stands NaN, which shifts to 0.
    const block = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16)
    high = lane(high, block, first)
    low = lane(low, block, second)
  }
  hash.high = high
  hash.low = low
  finish(text.length)
}

interface Lane {
  readonly a: number
  readonly b: number
  readonly add: number
}
const first: Lane = { a: 0xcc9e2d51, b: 0x1b873593, add: 0xe6546b64 }
const second: Lane = { a: 0x239b961b, b: 0xab0e9789, add: 0x561ccd1b }

function lane(state: number, block: number, { a, b, add }: Lane): number {
  const scrambled = Math.imul(block, a)
  const mixed = state ^ Math.imul((scrambled << 15) | (scrambled >>> 17), b)
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + add) | 0
}

function finish(length: number): void {
  let high = hash.high ^ length
  let low = hash.low ^ length
  high = (high + low) | 0
  low = (low + high) | 0
  high = mix(high)
  low = mix(low)
  high = (high + low) | 0
  hash.high = high
  hash.low = (low + high) | 0
}

/** MurmurHash3's finalizer: every bit of the input reaches every bit of the output. */
function mix(bits: number): number {
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}
