import { DecompressedBytes, isCompressed } from './decompressed-bytes.ts'
import { FileBytes } from './file-bytes.ts'

/** The bytes of one file from a position on, a chunk at a time. */
export interface ByteReader {
  readonly path: string
  /** The next bytes, in a buffer of their own (an empty one says: not there yet, read again); undefined at the end. */
  read(): Promise<Buffer | undefined>
  /** Absent where the bytes come in buffers of others anyway: the next ones into this one; how many, 0 at the end. */
  readInto?(buffer: Buffer): Promise<number>
  close(): Promise<void>
}

/**
 * Opens a file, decompressing it where its name says so: positions are then those of the decompressed bytes.
 * @throws LF_FILES_MISSING, LF_FILES_UNREADABLE; LF_FILES_CHANGED when the file ends before the position
 */
export const openBytes = (path: string, position: number): Promise<ByteReader> =>
  isCompressed(path) ? DecompressedBytes.open(path, position) : FileBytes.open(path, position)
