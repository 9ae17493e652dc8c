import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import type { Key } from '@lightflus/api'

/**
 * An entry of a segment: length of the whole, CRC-32 of what follows it, hash of the key, length of the key, when it expires,
 * then the key and the state as V8 serialises them. No state: the key has none from here on.
 */
const headBytes = 24
const lengthAt = 0
const crcAt = 4
const hashAt = 8
const keyLengthAt = 12
const expiryAt = 16

export interface Entry {
  readonly hash: number
  readonly bytes: number
  readonly isRemoval: boolean
  /** Milliseconds of the host's clock; Infinity: never. */
  readonly expiresAt: number
}

export function encodeEntry(hash: number, key: Key, state: unknown, expiresAt: number): Buffer {
  const keyBytes = serialize(key)
  const stateBytes = state === undefined ? undefined : serialize(state)
  const entry = Buffer.allocUnsafe(headBytes + keyBytes.length + (stateBytes?.length ?? 0))
  entry.writeUInt32LE(entry.length, lengthAt)
  entry.writeUInt32LE(hash >>> 0, hashAt)
  entry.writeUInt32LE(keyBytes.length, keyLengthAt)
  entry.writeDoubleLE(expiresAt, expiryAt)
  keyBytes.copy(entry, headBytes)
  stateBytes?.copy(entry, headBytes + keyBytes.length)
  entry.writeUInt32LE(crc32(entry.subarray(hashAt)), crcAt)
  return entry
}

/** The head of the entry that begins there; undefined: it does not lie in the bytes as a whole, or is none. */
export function entryAt(bytes: Buffer, at: number): Entry | undefined {
  if (bytes.length - at < headBytes) return undefined
  const length = bytes.readUInt32LE(at + lengthAt)
  if (length < headBytes || length > bytes.length - at) return undefined
  return {
    hash: bytes.readUInt32LE(at + hashAt),
    bytes: length,
    isRemoval: headBytes + bytes.readUInt32LE(at + keyLengthAt) === length,
    expiresAt: bytes.readDoubleLE(at + expiryAt),
  }
}

export function isWhole(entry: Buffer): boolean {
  return entry.readUInt32LE(crcAt) === crc32(entry.subarray(hashAt))
}

export function keyOf(entry: Buffer): Key {
  return deserialize(entry.subarray(headBytes, headBytes + entry.readUInt32LE(keyLengthAt))) as Key
}

export function stateOf(entry: Buffer): unknown {
  return deserialize(entry.subarray(headBytes + entry.readUInt32LE(keyLengthAt)))
}
