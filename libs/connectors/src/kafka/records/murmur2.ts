/** MurmurHash2 with Kafka's seed: the same key goes to the same partition as from the Java client. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes
  let hash = 0x9747_b28c ^ length
  const whole = length & ~3
  for (let at = 0; at < whole; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    word = Math.imul(word, factor)
    word ^= word >>> 24
    hash = Math.imul(hash, factor) ^ Math.imul(word, factor)
  }
  if (length > whole) {
    let rest = 0
    for (let at = length - 1; at >= whole; at--) rest = (rest << 8) | bytes[at]!
    hash = Math.imul(hash ^ rest, factor)
  }
  hash = Math.imul(hash ^ (hash >>> 13), factor)
  return hash ^ (hash >>> 15)
}

const factor = 0x5bd1_e995

/** The partition of a record with this key, of `count`. */
export const partitionOfKey = (key: Uint8Array, count: number): number => (murmur2(key) & 0x7fff_ffff) % count
