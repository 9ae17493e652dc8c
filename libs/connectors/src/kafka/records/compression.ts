import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { LightflusError } from '@lightflus/api'
import { WireError } from '../protocol/wire.ts'
import { fastestExpansion } from './expansion-instance.ts'
import { unlz4 } from './lz4.ts'
import { unsnappy } from './snappy.ts'

export type WrittenCompression = 'none' | 'gzip' | 'zstd'

/** Numbers in a batch's attributes. */
const codecs = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const

/** Largest batch that is expanded, bytes: a small one can stand for any amount of memory. */
export const expandedBytesMax = 128 * 1024 * 1024

/** Where what a batch expands to is put, of so many bytes. */
export type Placing = (length: number) => Buffer

const freshPlace: Placing = (length) => Buffer.allocUnsafe(length)

/** How much zlib makes room for at once. By its own 16 KiB, put together in the end, gzip costs a fifth more. */
const chunkBytesMax = 64 * 1024
/** How much a batch becomes more often than not at most. */
const usualGrowth = 8

/**
 * @param place asked once at most: zlib has memory of its own. Default: fresh memory
 * @throws LF_KAFKA_COMPRESSION for a codec that is not known, or more bytes than {@link expandedBytesMax}
 */
export function expand(codec: number, bytes: Buffer, where: string, place: Placing = freshPlace): Buffer {
  try {
    const chunkSize = Math.min(chunkBytesMax, Math.max(4096, bytes.length * usualGrowth))
    const options = { maxOutputLength: expandedBytesMax, chunkSize }
    if (codec === codecs.gzip) return gunzipSync(bytes, options)
    if (codec === codecs.snappy) return unsnappy(bytes, expandedBytesMax, fastestExpansion(place))
    if (codec === codecs.lz4) return unlz4(bytes, expandedBytesMax, fastestExpansion(place))
    if (codec === codecs.zstd) return zstdDecompressSync(bytes, options)
  } catch (thrown) {
    if ((thrown as Error).name === 'RangeError')
      throw new LightflusError(
        'LF_KAFKA_COMPRESSION',
        `${where}: a batch expands to more than ${expandedBytesMax / 1024 / 1024} MiB`,
      )
    throw new WireError(`${where}: a compressed batch is damaged (${(thrown as Error).message})`)
  }
  throw new LightflusError('LF_KAFKA_COMPRESSION', `${where}: compression ${codec} is not known`)
}

export const codecOf = (compression: WrittenCompression): number => codecs[compression]

export function compress(compression: WrittenCompression, bytes: Uint8Array): Uint8Array {
  if (compression === 'gzip') return gzipSync(bytes)
  if (compression === 'zstd') return zstdCompressSync(bytes)
  return bytes
}
