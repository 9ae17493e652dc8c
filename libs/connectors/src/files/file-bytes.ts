import { open, type FileHandle } from 'node:fs/promises'
import { isLightflusError } from '@lightflus/api'
import { changedError, readError } from './file-errors.ts'

/** Bytes of a file that are read at once. */
export const chunkBytes = 128 * 1024

/** Reads a file from a position on, a chunk at a time. */
export class FileBytes {
  readonly path: string
  readonly #handle: FileHandle
  #position: number

  private constructor(path: string, handle: FileHandle, position: number) {
    this.path = path
    this.#handle = handle
    this.#position = position
  }

  /** @throws LF_FILES_MISSING, LF_FILES_UNREADABLE; LF_FILES_CHANGED when the file ends before the position */
  static async open(path: string, position: number): Promise<FileBytes> {
    let handle: FileHandle | undefined
    try {
      handle = await open(path)
      const { size } = await handle.stat()
      if (size >= position) return new FileBytes(path, handle, position)
      throw changedError(path, size, position)
    } catch (thrown) {
      await handle?.close()
      throw isLightflusError(thrown) ? thrown : readError(path, thrown)
    }
  }

  /** The next bytes, in a buffer of their own; undefined at the end. */
  async read(): Promise<Buffer | undefined> {
    const buffer = Buffer.allocUnsafe(chunkBytes)
    const bytesRead = await this.readInto(buffer)
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead)
  }

  /** The next bytes into a buffer; how many, 0 at the end. */
  async readInto(buffer: Buffer): Promise<number> {
    try {
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.#position)
      this.#position += bytesRead
      return bytesRead
    } catch (thrown) {
      throw readError(this.path, thrown)
    }
  }

  async isEmpty(): Promise<boolean> {
    return (await this.#handle.stat()).size === 0
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
