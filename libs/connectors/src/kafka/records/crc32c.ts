/** CRC-32C (Castagnoli), which Kafka seals record batches with; zlib's crc32 is another polynomial. */
export function crc32c(bytes: Uint8Array): number {
  let crc = ~0
  for (let at = 0; at < bytes.length; at++) crc = table[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

const table = new Int32Array(256)
for (let byte = 0; byte < 256; byte++) {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f6_3b78 : value >>> 1
  table[byte] = value
}
