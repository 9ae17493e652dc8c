import { open, type FileHandle } from 'node:fs/promises'
import { formatError, readError } from './file-errors.ts'

/** A file of which pieces are read in any order. */
export class FileRanges {
  readonly path: string
  readonly byteLength: number
  readonly #handle: FileHandle

  private constructor(path: string, handle: FileHandle, byteLength: number) {
    this.path = path
    this.#handle = handle
    this.byteLength = byteLength
  }

  /** @throws LF_FILES_MISSING, LF_FILES_UNREADABLE */
  static async open(path: string): Promise<FileRanges> {
    let handle: FileHandle | undefined
    try {
      handle = await open(path)
      return new FileRanges(path, handle, (await handle.stat()).size)
    } catch (thrown) {
      await handle?.close()
      throw readError(path, thrown)
    }
  }

  /** @throws LF_FILES_FORMAT for a piece that the file does not have, LF_FILES_UNREADABLE */
  async read(start: number, end: number): Promise<ArrayBuffer> {
    const bytes = await this.readInto(start, end, (length) => Buffer.from(new ArrayBuffer(length)))
    return bytes.buffer as ArrayBuffer
  }

  /** As `read`, into a buffer of the piece's length. */
  async readInto(start: number, end: number, place: (length: number) => Buffer): Promise<Buffer> {
    if (!(start >= 0 && start <= end && end <= this.byteLength))
      throw formatError(this.path, `bytes ${start} to ${end}`, `the file has ${this.byteLength} bytes`)
    const bytes = place(end - start)
    for (let filled = 0; filled < bytes.length;) {
      const { bytesRead } = await this.#handle
        .read(bytes, filled, bytes.length - filled, start + filled)
        .catch((thrown: unknown) => {
          throw readError(this.path, thrown)
        })
      if (bytesRead === 0)
        throw formatError(this.path, `byte ${start + filled}`, 'the file was cut off while it was read')
      filled += bytesRead
    }
    return bytes
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
