import type { Key } from '@lightflus/api'

/** Key groups of every job: the units in which keyed state moves, so also the highest parallelism. */
export const keyGroupCount = 128

const numberBits = new Float64Array(1)
const numberWords = new Int32Array(numberBits.buffer)

/** MurmurHash3's finalizer: every bit of the input reaches every bit of the output. */
function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/**
 * Hash of a key, 32 bits. Part of the format of checkpoints and of the exchange: it must never change.
 * Keys that are equal by `===` have one hash, so -0 has that of 0.
 */
export function hashKey(key: Key): number {
  if (typeof key === 'string') {
    // FNV-1a over UTF-16 code units; the finalizer makes up for its weak low bits.
    let hash = 0x811c9dc5
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
    return mix(hash)
  }
  if (typeof key === 'boolean') return mix(key ? 1 : 2)
  if ((key | 0) === key) return mix(key | 0)
  numberBits[0] = key
  return mix(Math.imul(numberWords[0], 0x9e3779b1) ^ numberWords[1])
}

export function keyGroupOf(key: Key): number {
  return hashKey(key) & (keyGroupCount - 1)
}

/** Which subtask owns a key group: contiguous ranges, as even as they can be. */
export function subtaskOfKeyGroup(keyGroup: number, parallelism: number): number {
  return Math.floor((keyGroup * parallelism) / keyGroupCount)
}
