// CRC-32C of bytes in the memory, 16 stretches of them side by side: a lane of a vector each. A byte moves a checksum on
// by a look-up, and one in 16 bytes for all lanes is an instruction; so the 256 values of a byte are looked up by halves.
// 5 GB/s where a table takes 0.3 and slices by 16 take 2.3. What is left over is done by slices.

/** x^32 + x^28 + … + 1 with its bits turned round. */
const polynomial: u32 = 0x82f6_3b78

/** Values of a byte, and of one that k more bytes follow: 16 tables of 256. */
const slicesAt: usize = 1024
const sliceSize: usize = 1024
/** What so many zero bytes make of each of a checksum's bytes: 4 tables of 256. */
const largeSegment: usize = 1024
const largeShiftAt: usize = slicesAt + 16 * sliceSize
const smallSegment: usize = 128
const smallShiftAt: usize = largeShiftAt + 4 * sliceSize
/** Bytes 0 to 3 of the table's values for the lower halves, then for the upper ones. */
const halvesAt: usize = smallShiftAt + 4 * sliceSize
const columnsAt: usize = halvesAt + 8 * 16
/** Bytes 0 to 3 of the checksums of all lanes. */
const lanesAt: usize = columnsAt + 16 * 16
/** Where the host puts what is to be looked at. */
export const dataAt: usize = 32_768

/** Makes the tables; to be called once. */
export function prepare(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ polynomial : value >>> 1
    store<u32>(slicesAt + byte * 4, value)
  }
  for (let k: usize = 1; k < 16; k++)
    for (let byte: usize = 0; byte < 256; byte++)
      store<u32>(slicesAt + k * sliceSize + byte * 4, afterZero(load<u32>(slicesAt + (k - 1) * sliceSize + byte * 4)))
  for (let half: usize = 0; half < 16; half++)
    for (let byte: usize = 0; byte < 4; byte++) {
      store<u8>(halvesAt + byte * 16 + half, load<u8>(slicesAt + half * 4 + byte))
      store<u8>(halvesAt + (byte + 4) * 16 + half, load<u8>(slicesAt + half * 64 + byte))
    }
  makeShift(largeShiftAt, largeSegment)
  makeShift(smallShiftAt, smallSegment)
}

function afterZero(crc: u32): u32 {
  return (crc >>> 8) ^ load<u32>(slicesAt + (crc & 0xff) * 4)
}

/** By single bits first: what zero bytes make of a sum is the sum of what they make of its parts. */
function makeShift(at: usize, zeros: usize): void {
  for (let bit: usize = 0; bit < 32; bit++) {
    let value: u32 = 1 << (bit as u32)
    for (let left = zeros; left > 0; left--) value = afterZero(value)
    store<u32>(at + (bit >>> 3) * sliceSize + ((1 as usize) << (bit & 7)) * 4, value)
  }
  for (let table = at; table < at + 4 * sliceSize; table += sliceSize) {
    store<u32>(table, 0)
    for (let byte: usize = 1; byte < 256; byte++) {
      const lowest = byte & (0 - byte)
      store<u32>(table + byte * 4, load<u32>(table + lowest * 4) ^ load<u32>(table + (byte ^ lowest) * 4))
    }
  }
}

function low(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
}

function high(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
}

function lookUp(halves: usize, low: v128, high: v128): v128 {
  return v128.xor(i8x16.relaxed_swizzle(v128.load(halves), low), i8x16.relaxed_swizzle(v128.load(halves + 64), high))
}

/** Moves all lanes on over a segment each, one behind the other from `start`. */
function moveLanes(start: usize, segment: usize): void {
  let byte0 = v128.load(lanesAt)
  let byte1 = v128.load(lanesAt, 16)
  let byte2 = v128.load(lanesAt, 32)
  let byte3 = v128.load(lanesAt, 48)
  const half = i8x16.splat(15)
  for (let at = start; at < start + segment; at += 16) {
    // The next 16 bytes of every lane, a row each; by columns they are the next byte of all lanes.
    const r0 = v128.load(at + 0 * segment)
    const r1 = v128.load(at + 1 * segment)
    const r2 = v128.load(at + 2 * segment)
    const r3 = v128.load(at + 3 * segment)
    const r4 = v128.load(at + 4 * segment)
    const r5 = v128.load(at + 5 * segment)
    const r6 = v128.load(at + 6 * segment)
    const r7 = v128.load(at + 7 * segment)
    const r8 = v128.load(at + 8 * segment)
    const r9 = v128.load(at + 9 * segment)
    const r10 = v128.load(at + 10 * segment)
    const r11 = v128.load(at + 11 * segment)
    const r12 = v128.load(at + 12 * segment)
    const r13 = v128.load(at + 13 * segment)
    const r14 = v128.load(at + 14 * segment)
    const r15 = v128.load(at + 15 * segment)
    const a0 = low(r0, r8)
    const a1 = high(r0, r8)
    const a2 = low(r1, r9)
    const a3 = high(r1, r9)
    const a4 = low(r2, r10)
    const a5 = high(r2, r10)
    const a6 = low(r3, r11)
    const a7 = high(r3, r11)
    const a8 = low(r4, r12)
    const a9 = high(r4, r12)
    const a10 = low(r5, r13)
    const a11 = high(r5, r13)
    const a12 = low(r6, r14)
    const a13 = high(r6, r14)
    const a14 = low(r7, r15)
    const a15 = high(r7, r15)
    const b0 = low(a0, a8)
    const b1 = high(a0, a8)
    const b2 = low(a1, a9)
    const b3 = high(a1, a9)
    const b4 = low(a2, a10)
    const b5 = high(a2, a10)
    const b6 = low(a3, a11)
    const b7 = high(a3, a11)
    const b8 = low(a4, a12)
    const b9 = high(a4, a12)
    const b10 = low(a5, a13)
    const b11 = high(a5, a13)
    const b12 = low(a6, a14)
    const b13 = high(a6, a14)
    const b14 = low(a7, a15)
    const b15 = high(a7, a15)
    const c0 = low(b0, b8)
    const c1 = high(b0, b8)
    const c2 = low(b1, b9)
    const c3 = high(b1, b9)
    const c4 = low(b2, b10)
    const c5 = high(b2, b10)
    const c6 = low(b3, b11)
    const c7 = high(b3, b11)
    const c8 = low(b4, b12)
    const c9 = high(b4, b12)
    const c10 = low(b5, b13)
    const c11 = high(b5, b13)
    const c12 = low(b6, b14)
    const c13 = high(b6, b14)
    const c14 = low(b7, b15)
    const c15 = high(b7, b15)
    v128.store(columnsAt, low(c0, c8), 0)
    v128.store(columnsAt, high(c0, c8), 16)
    v128.store(columnsAt, low(c1, c9), 32)
    v128.store(columnsAt, high(c1, c9), 48)
    v128.store(columnsAt, low(c2, c10), 64)
    v128.store(columnsAt, high(c2, c10), 80)
    v128.store(columnsAt, low(c3, c11), 96)
    v128.store(columnsAt, high(c3, c11), 112)
    v128.store(columnsAt, low(c4, c12), 128)
    v128.store(columnsAt, high(c4, c12), 144)
    v128.store(columnsAt, low(c5, c13), 160)
    v128.store(columnsAt, high(c5, c13), 176)
    v128.store(columnsAt, low(c6, c14), 192)
    v128.store(columnsAt, high(c6, c14), 208)
    v128.store(columnsAt, low(c7, c15), 224)
    v128.store(columnsAt, high(c7, c15), 240)
    for (let column = columnsAt; column < columnsAt + 256; column += 16) {
      const index = v128.xor(byte0, v128.load(column))
      const lower = v128.and(index, half)
      const upper = v128.and(i16x8.shr_u(index, 4), half)
      byte0 = v128.xor(byte1, lookUp(halvesAt, lower, upper))
      byte1 = v128.xor(byte2, lookUp(halvesAt + 16, lower, upper))
      byte2 = v128.xor(byte3, lookUp(halvesAt + 32, lower, upper))
      byte3 = lookUp(halvesAt + 48, lower, upper)
    }
  }
  v128.store(lanesAt, byte0)
  v128.store(lanesAt, byte1, 16)
  v128.store(lanesAt, byte2, 32)
  v128.store(lanesAt, byte3, 48)
}

function laneOf(lane: usize): u32 {
  const at = lanesAt + lane
  return load<u8>(at) | (load<u8>(at, 16) << 8) | (load<u8>(at, 32) << 16) | (load<u8>(at, 48) << 24)
}

/** The checksum behind 16 segments: of each lane, moved on over the segments that follow it. */
function overSegments(crc: u32, at: usize, segment: usize, shiftAt: usize): u32 {
  memory.fill(lanesAt, 0, 64)
  store<u8>(lanesAt, crc as u8)
  store<u8>(lanesAt, (crc >>> 8) as u8, 16)
  store<u8>(lanesAt, (crc >>> 16) as u8, 32)
  store<u8>(lanesAt, (crc >>> 24) as u8, 48)
  moveLanes(at, segment)
  let sum = laneOf(0)
  for (let lane: usize = 1; lane < 16; lane++)
    sum =
      load<u32>(shiftAt + (sum & 0xff) * 4) ^
      load<u32>(shiftAt + ((sum >>> 8) & 0xff) * 4, 1024) ^
      load<u32>(shiftAt + ((sum >>> 16) & 0xff) * 4, 2048) ^
      load<u32>(shiftAt + (sum >>> 24) * 4, 3072) ^
      laneOf(lane)
  return sum
}

function slice(word: u32, first: usize): u32 {
  const table = slicesAt + first * sliceSize
  return (
    load<u32>(table + (word & 0xff) * 4 + 3 * sliceSize) ^
    load<u32>(table + ((word >>> 8) & 0xff) * 4 + 2 * sliceSize) ^
    load<u32>(table + ((word >>> 16) & 0xff) * 4 + sliceSize) ^
    load<u32>(table + (word >>> 24) * 4)
  )
}

/** Moves a checksum (the bits as they are between calls, which are not those of the result) on over bytes. */
export function move(before: u32, start: usize, length: usize): u32 {
  const end = start + length
  let at = start
  let crc = before
  for (; at + 16 * largeSegment <= end; at += 16 * largeSegment) crc = overSegments(crc, at, largeSegment, largeShiftAt)
  for (; at + 16 * smallSegment <= end; at += 16 * smallSegment) crc = overSegments(crc, at, smallSegment, smallShiftAt)
  for (; at + 16 <= end; at += 16)
    crc =
      slice(load<u32>(at) ^ crc, 12) ^
      slice(load<u32>(at, 4), 8) ^
      slice(load<u32>(at, 8), 4) ^
      slice(load<u32>(at, 12), 0)
  for (; at < end; at++) crc = (crc >>> 8) ^ load<u32>(slicesAt + ((crc ^ load<u8>(at)) & 0xff) * 4)
  return crc
}
