/**
 * A compressed batch and the room for what its blocks expand to: all go by places in the one and in the other. Where a
 * block ends comes back, or {@link damagedBlock}.
 */
export interface Expansion {
  /** A block of snappy, which has to fill the room between `outStart` and `outEnd`. */
  snappy(start: number, end: number, outStart: number, outEnd: number): number
  /** A block of LZ4, which may refer to anything before `out` and take what lies before `outEnd`. */
  lz4(start: number, end: number, out: number, outEnd: number): number
  /** Bytes that were not compressed. */
  store(start: number, end: number, out: number): void
  /** The first so many bytes of the room, put to where they stay. */
  result(length: number): Buffer
}

export const damagedBlock = -1

/** @param bytesMax size of the room */
export type Expanding = (bytes: Buffer, bytesMax: number) => Expansion

/** The plain form, which every other must equal. */
export const plainExpansion: Expanding = (bytes, bytesMax) => {
  const output = Buffer.allocUnsafe(bytesMax)
  return {
    snappy: (start, end, outStart, outEnd) => snappyBlock({ bytes, at: start, end }, output, outStart, outEnd),
    lz4: (start, end, out, outEnd) => lz4Block({ bytes, at: start, end }, output, out, outEnd),
    store: (start, end, out) => void bytes.copy(output, out, start, end),
    result: (length) => output.subarray(0, length),
  }
}

/** Where the next byte of a block is. */
interface Block {
  readonly bytes: Buffer
  at: number
  readonly end: number
}

/** The next bytes as a number, the first the lowest; -1 where there are not so many. */
function littleEndian(block: Block, width: number): number {
  if (width > block.end - block.at) return -1
  const start = block.at
  block.at += width
  return block.bytes.readUIntLE(start, width)
}

function snappyBlock(block: Block, output: Buffer, outStart: number, outEnd: number): number {
  const { bytes, end } = block
  let filled = outStart
  while (block.at < end) {
    const tag = bytes[block.at++]!
    if ((tag & 3) === 0) {
      const short = tag >>> 2
      const length = (short < 60 ? short : littleEndian(block, short - 59)) + 1
      if (length === 0 || length > end - block.at || length > outEnd - filled) return damagedBlock
      bytes.copy(output, filled, block.at, block.at + length)
      block.at += length
      filled += length
    } else {
      const isShort = (tag & 3) === 1
      const length = isShort ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
      const low = littleEndian(block, isShort ? 1 : (tag & 3) === 2 ? 2 : 4)
      const distance = isShort ? ((tag >>> 5) << 8) | low : low
      if (low === -1 || distance === 0 || distance > filled - outStart || length > outEnd - filled) return damagedBlock
      filled = copyBack(output, filled, distance, length)
    }
  }
  return filled === outEnd ? filled : damagedBlock
}

function lz4Block(block: Block, output: Buffer, outStart: number, outEnd: number): number {
  const { bytes, end } = block
  let filled = outStart
  while (block.at < end) {
    const token = bytes[block.at++]!
    const literals = lz4Length(block, token >>> 4, end - block.at)
    if (literals === -1 || literals > end - block.at || literals > outEnd - filled) return damagedBlock
    bytes.copy(output, filled, block.at, block.at + literals)
    block.at += literals
    filled += literals
    // The last sequence is literals alone.
    if (block.at === end) return filled
    const distance = littleEndian(block, 2)
    if (distance === -1) return damagedBlock
    const length = lz4Length(block, token & 15, outEnd - filled)
    if (length === -1 || distance === 0 || distance > filled || length + 4 > outEnd - filled) return damagedBlock
    filled = copyBack(output, filled, distance, length + 4)
  }
  return damagedBlock
}

/** A length whose further bytes are 255 each but the last; -1 where they do not end, or it is beyond `most`. */
function lz4Length(block: Block, nibble: number, most: number): number {
  let length = nibble
  if (nibble === 15)
    for (let next = 255; next === 255; length += next) {
      if (block.at >= block.end || length > most) return -1
      next = block.bytes[block.at++]!
    }
  return length
}

/** Repeats what was written `distance` bytes ago; it may overlap what it writes. Tells where it ended. */
function copyBack(output: Buffer, filled: number, distance: number, length: number): number {
  const end = filled + length
  if (distance >= length) output.copyWithin(filled, filled - distance, filled - distance + length)
  else for (let at = filled; at < end; at++) output[at] = output[at - distance]!
  return end
}
