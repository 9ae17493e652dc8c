import { open } from 'node:fs/promises'
import { pipeline, type Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { isLightflusError } from '@lightflus/api'
import { chunkBytes } from './file-bytes.ts'
import { changedError, formatError, readError } from './file-errors.ts'

/** Bytes thrown away by one read on the way to a position: some ten milliseconds of work, since barriers wait for it. */
const skipBytesMax = 8 * 1024 * 1024

interface Decompressor extends Transform {
  /** Compressed bytes that were taken so far. */
  readonly bytesWritten: number
}

/** What a frame of zstd begins with, less one byte. */
const heldBytes = 3

interface Compression {
  readonly create: () => Decompressor
  /** Fed behind the file's bytes. */
  readonly pad: Buffer
}

const compressions: Readonly<Record<string, Compression>> = {
  '.gz': { create: () => createGunzip({ chunkSize: chunkBytes }), pad: Buffer.alloc(0) },
  // The library takes the first three bytes of a frame that is cut off there for the end. Zeros begin no frame, so it must
  // stop exactly before them; within a frame that is cut off it takes them too, or fails.
  '.zst': { create: () => createZstdDecompress({ chunkSize: chunkBytes }), pad: Buffer.alloc(8) },
}

const compressionOf = (path: string): Compression | undefined =>
  compressions[/\.[^./\\]*$/.exec(path)?.[0].toLowerCase() ?? '']

/** The pad comes in one piece with the last bytes before it, by which alone the library tells a frame's beginning. */
async function* padded(chunks: AsyncIterable<Buffer>, pad: Buffer): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const all = Buffer.concat([held, chunk])
    held = Buffer.from(all.subarray(-heldBytes))
    if (all.length > heldBytes) yield all.subarray(0, -heldBytes)
  }
  yield Buffer.concat([held, pad])
}

/** Whether a file is compressed, which its name says: `.gz` or `.zst`. */
export const isCompressed = (path: string): boolean => compressionOf(path) !== undefined

/**
 * Reads a gzip or zstd file, of one member or several, as what it was before it was compressed. Such a file can only be
 * read from its beginning: what lies before the position is decompressed again and thrown away, a bounded piece a read.
 */
export class DecompressedBytes {
  readonly path: string
  readonly #decompressor: Decompressor
  readonly #chunks: AsyncIterator<Buffer>
  readonly #compressedSize: number
  readonly #position: number
  #at = 0

  private constructor(path: string, decompressor: Decompressor, compressedSize: number, position: number) {
    this.path = path
    this.#decompressor = decompressor
    this.#chunks = decompressor[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    this.#compressedSize = compressedSize
    this.#position = position
  }

  /** @throws LF_FILES_MISSING, LF_FILES_UNREADABLE */
  static async open(path: string, position: number): Promise<DecompressedBytes> {
    try {
      const handle = await open(path)
      const { size } = await handle.stat()
      const { create, pad } = compressionOf(path)!
      const decompressor = create()
      // What goes wrong on either side is thrown by the next read.
      pipeline(padded(handle.createReadStream({ highWaterMark: chunkBytes }), pad), decompressor, () => undefined)
      return new DecompressedBytes(path, decompressor, size, position)
    } catch (thrown) {
      throw readError(path, thrown)
    }
  }

  /**
   * The next bytes; an empty buffer where the position has not been reached yet.
   * @throws LF_FILES_FORMAT for data that is damaged, cut off or followed by something else; LF_FILES_CHANGED when it ends
   * before the position; LF_FILES_UNREADABLE
   */
  async read(): Promise<Buffer | undefined> {
    for (let skipped = 0; skipped < skipBytesMax;) {
      const chunk = await this.#next()
      if (!chunk) return undefined
      const before = this.#at
      this.#at += chunk.length
      if (this.#at > this.#position) return chunk.subarray(Math.max(0, this.#position - before))
      skipped += chunk.length
    }
    return Buffer.alloc(0)
  }

  async #next(): Promise<Buffer | undefined> {
    try {
      const { done, value } = await this.#chunks.next()
      if (!done) return value
      this.#checkEnd()
      return undefined
    } catch (thrown) {
      throw isLightflusError(thrown) ? thrown : this.#errorOf(thrown as NodeJS.ErrnoException)
    }
  }

  #checkEnd(): void {
    // The libraries stop in silence at what is no further member.
    const taken = this.#decompressor.bytesWritten
    if (taken > this.#compressedSize) throw this.#damage('is cut off')
    if (taken < this.#compressedSize)
      throw formatError(this.path, `byte ${taken}`, 'what follows here is not of the compressed data')
    if (this.#at < this.#position) throw changedError(this.path, this.#at, this.#position)
  }

  #errorOf(thrown: NodeJS.ErrnoException): Error {
    if (!/^Z(STD)?_/.test(thrown.code ?? '')) return readError(this.path, thrown)
    return this.#damage(thrown.code === 'Z_BUF_ERROR' ? 'is cut off' : `is damaged: ${thrown.message}`)
  }

  #damage(what: string): Error {
    return formatError(this.path, `after ${this.#at} decompressed bytes`, `the compressed data ${what}`)
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
    this.#decompressor.destroy()
  }
}
