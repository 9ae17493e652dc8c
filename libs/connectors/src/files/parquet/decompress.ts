import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { Compressors } from 'hyparquet'
import { fastestExpansion } from '../../kafka/records/expansion-instance.ts'
import { unsnappy } from '../../kafka/records/snappy.ts'
import { NotHere } from './runs-and-bits.ts'

const sized = (length: number) => ({ maxOutputLength: Math.max(1, length) })
const expanding = fastestExpansion((length) => Buffer.allocUnsafeSlow(length))

/** By the names of the format: into so many bytes. */
export const compressors: Compressors = {
  SNAPPY: (input, length) =>
    length === 0
      ? new Uint8Array(0)
      : unsnappy(Buffer.from(input.buffer, input.byteOffset, input.length), length, expanding),
  GZIP: (input, length) => gunzipSync(input, sized(length)),
  ZSTD: (input, length) => zstdDecompressSync(input, sized(length)),
  BROTLI: (input, length) => brotliDecompressSync(input, sized(length)),
}

/** @throws NotHere for another codec or length, and whatever damaged bytes lead to */
export function decompress(codec: string, input: Uint8Array, length: number): Buffer {
  const output = codec === 'UNCOMPRESSED' ? input : compressors[codec as keyof Compressors]?.(input, length)
  if (output?.length !== length) throw new NotHere()
  return Buffer.from(output.buffer, output.byteOffset, output.length)
}
