import { WireError } from '../protocol/wire.ts'
import { copyBack } from './snappy.ts'

const magic = 0x184d_2204
/** How much a byte can stand for at most: a length's further bytes are 255 each. */
const growthMax = 255

/** Expands an LZ4 frame. Its checksums are not looked at: the record batch around it has one of its own. */
export function unlz4(bytes: Buffer, bytesMax: number): Buffer {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== magic) throw new WireError('not an LZ4 frame')
  const flags = bytes[4]!
  const hasBlockChecksum = (flags & 0x10) !== 0
  const hasSize = (flags & 0x08) !== 0
  const sizeCode = (bytes[5]! >>> 4) & 7
  if ((flags & 0xc1) !== 0x40 || sizeCode < 4) throw new WireError('an LZ4 frame of an unknown kind')
  const blockBytesMax = 1 << (8 + 2 * sizeCode)
  let at = hasSize ? 15 : 7
  let output = Buffer.allocUnsafe(Math.min(bytesMax, bytes.length * 4))
  let filled = 0
  for (;;) {
    if (at + 4 > bytes.length) throw new WireError('an LZ4 frame is cut off')
    const header = bytes.readUInt32LE(at)
    at += 4
    if (header === 0) return output.subarray(0, filled)
    const length = header & 0x7fff_ffff
    const end = at + length
    if (end > bytes.length) throw new WireError('an LZ4 block is cut off')
    const room = Math.min(blockBytesMax, length * growthMax)
    if (filled + room > output.length) {
      // Blocks may refer to the ones before, so all lie in one buffer.
      const larger = Buffer.allocUnsafe(Math.max(Math.min(output.length * 2, bytesMax), filled + room))
      output.copy(larger, 0, 0, filled)
      output = larger
    }
    const isStored = (header & 0x8000_0000) !== 0
    filled = isStored ? store(bytes, at, end, output, filled) : expandBlock(bytes, at, end, output, filled)
    if (filled > bytesMax) throw new RangeError(`${filled} bytes`)
    at = end + (hasBlockChecksum ? 4 : 0)
  }
}

function store(bytes: Buffer, start: number, end: number, output: Buffer, filled: number): number {
  if (end - start > output.length - filled) throw new WireError('an LZ4 block is too long')
  return filled + bytes.copy(output, filled, start, end)
}

function expandBlock(bytes: Buffer, start: number, end: number, output: Buffer, startFilled: number): number {
  let at = start
  let filled = startFilled
  const byte = (): number => {
    if (at >= end) throw new WireError('an LZ4 block is cut off')
    return bytes[at++]!
  }
  const lengthOf = (nibble: number): number => {
    let length = nibble
    if (nibble === 15) for (let next = 255; next === 255; length += next) next = byte()
    return length
  }
  for (;;) {
    const token = byte()
    const literals = lengthOf(token >>> 4)
    if (at + literals > end) throw new WireError('an LZ4 literal is too long')
    filled = store(bytes, at, at + literals, output, filled)
    at += literals
    // The last sequence is literals alone.
    if (at === end) return filled
    const distance = byte() | (byte() << 8)
    filled = copyBack(output, filled, distance, lengthOf(token & 15) + 4)
  }
}
