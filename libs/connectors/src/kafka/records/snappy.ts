import { WireError } from '../protocol/wire.ts'

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])

/** How much a byte can stand for at most: copies of 64 bytes take three. */
const growthMax = 22

/** Expands snappy as Kafka's clients write it: one block, or the Java library's frame of several. */
export function unsnappy(bytes: Buffer, bytesMax: number): Buffer {
  if (!bytes.subarray(0, 8).equals(xerialMagic)) return expandBlock(bytes, bytesMax)
  if (bytes.length < 16) throw new WireError('a snappy frame is cut off')
  const blocks: Buffer[] = []
  let total = 0
  for (let at = 16; at < bytes.length;) {
    if (at + 4 > bytes.length) throw new WireError('a snappy frame is cut off')
    const length = bytes.readInt32BE(at)
    const end = at + 4 + length
    if (length < 0 || end > bytes.length) throw new WireError('a snappy frame is cut off')
    const block = expandBlock(bytes.subarray(at + 4, end), bytesMax - total)
    total += block.length
    blocks.push(block)
    at = end
  }
  return Buffer.concat(blocks)
}

function expandBlock(bytes: Buffer, bytesMax: number): Buffer {
  let at = 0
  const byte = (): number => {
    if (at >= bytes.length) throw new WireError('a snappy block is cut off')
    return bytes[at++]!
  }
  const littleEndian = (width: number): number => {
    let value = 0
    for (let place = 0; place < width; place++) value += byte() * 256 ** place
    return value
  }
  let size = 0
  for (let scale = 1, more = true; more; scale *= 128) {
    const next = byte()
    size += (next & 0x7f) * scale
    more = next >= 0x80 && scale < 2 ** 32
  }
  if (size > bytesMax) throw new RangeError(`${size} bytes`)
  if (size > (bytes.length - at) * growthMax) throw new WireError('a snappy block is shorter than it says')
  const output = Buffer.allocUnsafe(size)
  let filled = 0
  while (at < bytes.length) {
    const tag = byte()
    if ((tag & 3) === 0) {
      const short = tag >>> 2
      const length = (short < 60 ? short : littleEndian(short - 59)) + 1
      if (at + length > bytes.length || filled + length > size) throw new WireError('a snappy literal is too long')
      bytes.copy(output, filled, at, at + length)
      at += length
      filled += length
    } else {
      const isShort = (tag & 3) === 1
      const length = isShort ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
      const distance = isShort ? ((tag >>> 5) << 8) | byte() : littleEndian((tag & 3) === 2 ? 2 : 4)
      filled = copyBack(output, filled, distance, length)
    }
  }
  if (filled !== size) throw new WireError('a snappy block is shorter than it says')
  return output
}

/** Repeats what was written `distance` bytes ago; it may overlap what it writes. Tells where it ended. */
export function copyBack(output: Buffer, filled: number, distance: number, length: number): number {
  if (distance === 0 || distance > filled || filled + length > output.length)
    throw new WireError('a compressed block refers to what is not there')
  const end = filled + length
  if (distance >= length) output.copyWithin(filled, filled - distance, filled - distance + length)
  else for (let at = filled; at < end; at++) output[at] = output[at - distance]!
  return end
}
