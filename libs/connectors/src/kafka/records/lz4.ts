import { WireError } from '../protocol/wire.ts'
import { damagedBlock, plainExpansion, type Expanding } from './expansion.ts'

const magic = 0x184d_2204
/** How much a byte can stand for at most: a length's further bytes are 255 each. */
const growthMax = 255
const storedBit = 0x8000_0000
const lengthBits = 0x7fff_ffff

interface Block {
  readonly start: number
  readonly end: number
  readonly isStored: boolean
  /** What it can expand to. */
  readonly room: number
}

/**
 * Expands an LZ4 frame. Its checksums are not looked at: the record batch around it has one of its own.
 * @throws WireError, RangeError for more than `bytesMax`
 */
export function unlz4(bytes: Buffer, bytesMax: number, expanding: Expanding = plainExpansion): Buffer {
  const { blockBytesMax, blocks } = frameOf(bytes)
  const room = blocks.reduce((sum, block) => sum + block.room, 0)
  // A block that leads beyond the bound is expanded whole, so that it is told from a damaged one.
  const expansion = expanding(bytes, Math.min(room, bytesMax + blockBytesMax))
  let filled = 0
  for (const { start, end, isStored, room } of blocks) {
    if (isStored) {
      expansion.store(start, end, filled)
      filled += end - start
    } else {
      filled = expansion.lz4(start, end, filled, filled + room)
      if (filled === damagedBlock) throw new WireError('an LZ4 block is damaged')
    }
    if (filled > bytesMax) throw new RangeError(`${filled} bytes`)
  }
  return expansion.result(filled)
}

function frameOf(bytes: Buffer): { blockBytesMax: number; blocks: Block[] } {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== magic) throw new WireError('not an LZ4 frame')
  const flags = bytes[4]!
  const hasBlockChecksum = (flags & 0x10) !== 0
  const hasSize = (flags & 0x08) !== 0
  const sizeCode = (bytes[5]! >>> 4) & 7
  if ((flags & 0xc1) !== 0x40 || sizeCode < 4) throw new WireError('an LZ4 frame of an unknown kind')
  const blockBytesMax = 1 << (8 + 2 * sizeCode)
  const blocks: Block[] = []
  for (let at = hasSize ? 15 : 7; ;) {
    if (at + 4 > bytes.length) throw new WireError('an LZ4 frame is cut off')
    const header = bytes.readUInt32LE(at)
    if (header === 0) return { blockBytesMax, blocks }
    const start = at + 4
    const length = header & lengthBits
    const end = start + length
    if (end > bytes.length) throw new WireError('an LZ4 block is cut off')
    const isStored = (header & storedBit) !== 0
    if (isStored && length > blockBytesMax) throw new WireError('an LZ4 block is too long')
    blocks.push({ start, end, isStored, room: isStored ? length : Math.min(blockBytesMax, length * growthMax) })
    at = end + (hasBlockChecksum ? 4 : 0)
  }
}
