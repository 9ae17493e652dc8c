import { WireError } from '../protocol/wire.ts'
import { damagedBlock, plainExpansion, type Expanding } from './expansion.ts'

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])

/** How much a byte can stand for at most: copies of 64 bytes take three. */
const growthMax = 22

interface Block {
  readonly start: number
  readonly end: number
  /** Of what it expands to. */
  readonly size: number
}

/**
 * Expands snappy as Kafka's clients write it: one block, or the Java library's frame of several.
 * @throws WireError, RangeError for more than `bytesMax`
 */
export function unsnappy(bytes: Buffer, bytesMax: number, expanding: Expanding = plainExpansion): Buffer {
  const blocks = bytes.subarray(0, 8).equals(xerialMagic)
    ? framedBlocks(bytes, bytesMax)
    : [blockAt(bytes, 0, bytes.length, bytesMax)]
  const total = blocks.reduce((sum, { size }) => sum + size, 0)
  if (total > bytesMax) throw new RangeError(`${total} bytes`)
  const expansion = expanding(bytes, total)
  let filled = 0
  for (const { start, end, size } of blocks) {
    if (expansion.snappy(start, end, filled, filled + size) === damagedBlock)
      throw new WireError('a snappy block is damaged')
    filled += size
  }
  return expansion.result(filled)
}

function framedBlocks(bytes: Buffer, bytesMax: number): Block[] {
  if (bytes.length < 16) throw new WireError('a snappy frame is cut off')
  const blocks: Block[] = []
  for (let at = 16; at < bytes.length;) {
    if (at + 4 > bytes.length) throw new WireError('a snappy frame is cut off')
    const length = bytes.readInt32BE(at)
    const end = at + 4 + length
    if (length < 0 || end > bytes.length) throw new WireError('a snappy frame is cut off')
    blocks.push(blockAt(bytes, at + 4, end, bytesMax))
    at = end
  }
  return blocks
}

/** What a block says of its size. */
function blockAt(bytes: Buffer, start: number, end: number, sizeMax: number): Block {
  let at = start
  let size = 0
  for (let scale = 1, more = true; more; scale *= 128) {
    if (at >= end) throw new WireError('a snappy block is cut off')
    const next = bytes[at++]!
    size += (next & 0x7f) * scale
    more = next >= 0x80 && scale < 2 ** 32
  }
  if (size > sizeMax) throw new RangeError(`${size} bytes`)
  if (size > (end - at) * growthMax) throw new WireError('a snappy block is shorter than it says')
  return { start: at, end, size }
}
