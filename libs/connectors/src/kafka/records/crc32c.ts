import { createRequire } from 'node:module'
import { crc32cInWebAssembly } from './crc32c-instance.ts'

/**
 * CRC-32C (Castagnoli), which Kafka seals record batches with; zlib's crc32 is another polynomial. By the processor's own
 * instruction (15 GB/s) where native addons may be loaded, else in WebAssembly (5 GB/s); a table makes 0.3 GB/s.
 */
export const crc32c: (bytes: Uint8Array) => number = ofProcessor() ?? crc32cInWebAssembly() ?? crc32cOfTable

/** Undefined where there is no binary for this machine, and under Node's permission model. */
function ofProcessor(): ((bytes: Uint8Array) => number) | undefined {
  try {
    return (createRequire(import.meta.url)('@node-rs/crc32') as { crc32c: (bytes: Uint8Array) => number }).crc32c
  } catch {
    return undefined
  }
}

const table = new Int32Array(256)
for (let byte = 0; byte < 256; byte++) {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f6_3b78 : value >>> 1
  table[byte] = value
}

/** The plain form, which every other must equal. */
export function crc32cOfTable(bytes: Uint8Array): number {
  let crc = ~0
  for (let at = 0; at < bytes.length; at++) crc = table[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}
