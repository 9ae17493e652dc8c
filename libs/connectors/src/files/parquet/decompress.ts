import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { Compressors } from 'hyparquet'
import type { Placing } from '../../kafka/records/compression.ts'
import { fastestExpansion } from '../../kafka/records/expansion-instance.ts'
import { unsnappy } from '../../kafka/records/snappy.ts'
import { NotHere } from './runs-and-bits.ts'

const sized = (length: number) => ({ maxOutputLength: Math.max(1, length) })
const unsnappyTo = (input: Uint8Array, length: number, place: Placing): Buffer =>
  unsnappy(Buffer.from(input.buffer, input.byteOffset, input.length), length, fastestExpansion(place))

/** By the names of the format: into so many bytes. */
export const compressors: Compressors = {
  SNAPPY: (input, length) =>
    length === 0 ? new Uint8Array(0) : unsnappyTo(input, length, (room) => Buffer.allocUnsafeSlow(room)),
  GZIP: (input, length) => gunzipSync(input, sized(length)),
  ZSTD: (input, length) => zstdDecompressSync(input, sized(length)),
  BROTLI: (input, length) => brotliDecompressSync(input, sized(length)),
}

/**
 * Never the bytes of `input` themselves, and where `place` says if it can be told where.
 * @throws NotHere for another codec or length, and whatever damaged bytes lead to
 */
export function decompress(codec: string, input: Uint8Array, length: number, place: Placing): Buffer {
  if (codec === 'UNCOMPRESSED') {
    if (input.length !== length) throw new NotHere()
    const copy = place(length)
    copy.set(input)
    return copy
  }
  const isPlaced = codec === 'SNAPPY' && length > 0
  const output = isPlaced ? unsnappyTo(input, length, place) : compressors[codec as keyof Compressors]?.(input, length)
  if (output?.length !== length) throw new NotHere()
  return Buffer.from(output.buffer, output.byteOffset, output.length)
}
