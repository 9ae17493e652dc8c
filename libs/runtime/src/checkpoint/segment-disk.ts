import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/** The disk on which a process has its slots' segments of state, for whoever stores them and brings them back. */
export interface SegmentDisk {
  /** The file's bytes, in pieces of this size but for the last one, which may be shorter. */
  read(path: string, pieceBytes: number): AsyncIterable<Uint8Array<ArrayBuffer>>
  /** Makes a file that is there whole or not at all. @returns its path */
  write(name: string, pieces: AsyncIterable<Uint8Array>): Promise<string>
  /** A file that is not there is no error. */
  remove(path: string): Promise<void>
}

/** Reads from the file system. */
export async function* readPieces(path: string, pieceBytes: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const file = await open(path, 'r')
  try {
    for (;;) {
      const piece = await readPiece(file, pieceBytes)
      if (piece.byteLength > 0) yield piece
      if (piece.byteLength < pieceBytes) return
    }
  } finally {
    await file.close()
  }
}

/** Writes to a folder, which is made then. Names are names of files. */
export function folderDisk(folder: string): SegmentDisk {
  return {
    read: readPieces,
    async write(name, pieces) {
      await mkdir(folder, { recursive: true })
      const path = join(folder, name)
      const underWay = `${path}.under-way`
      try {
        await writePieces(underWay, pieces)
        await rename(underWay, path)
      } catch (thrown) {
        await rm(underWay, { force: true })
        throw thrown
      }
      return path
    },
    remove: (path) => rm(path, { force: true }),
  }
}

/** Nothing is synced: after a loss of the machine it is brought back once more. */
async function writePieces(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'w')
  try {
    for await (const piece of pieces) await file.writeFile(piece)
  } finally {
    await file.close()
  }
}

async function readPiece(file: FileHandle, pieceBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const piece = new Uint8Array(pieceBytes)
  let at = 0
  while (at < pieceBytes) {
    const { bytesRead } = await file.read(piece, at, pieceBytes - at, null)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return piece.subarray(0, at)
}
