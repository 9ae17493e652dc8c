import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import { LightflusError } from '@lightflus/api'
import {
  decodeFile,
  encodeFile,
  missingFile,
  statedChecksum,
  type CheckpointStorage,
  type EncodedFile,
} from '@lightflus/storage'

/**
 * A segment of state in storage, as the reference to a subtask's snapshot names it. Its parts are files like all others,
 * with a checksum of their own; each holds so many bytes of the segment, compressed. A part is what is in memory at once,
 * and what a store of objects is given in one request.
 */
export interface StoredSegment {
  readonly name: string
  /** Of its parts. */
  readonly folder: string
  readonly parts: number
  /** Of the checksums of all parts: that they are those which were written, all of them and in their order. */
  readonly sha256: string
  /** Of all parts, as they are stored. */
  readonly bytes: number
}

/** What a part holds of a segment at most; the last one holds the rest. */
export const partBytes = 4 << 20

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

const digits = 6

export function partPath(folder: string, part: number): string {
  return `${folder}${String(part).padStart(digits, '0')}`
}

/** Compresses and hashes off the calling thread. */
export async function encodePart(piece: Uint8Array): Promise<EncodedFile> {
  return encodeFile('segment', await compress(piece, compression))
}

/** Gathers the checksums of a segment's parts. */
export class PartSums {
  readonly #hash = createHash('sha256')

  add(sha256: string): void {
    this.#hash.update(sha256)
  }

  get total(): string {
    return this.#hash.copy().digest('hex')
  }
}

/**
 * A segment's bytes out of storage, a part at a time; the next part is fetched meanwhile. That all of it is what was
 * stored is known only at its end.
 * @throws LF_CHECKPOINT_DAMAGED, which names the file, LF_CHECKPOINT_FORMAT, and what the storage throws
 */
export async function* readSegment(storage: CheckpointStorage, segment: StoredSegment): AsyncGenerator<Uint8Array> {
  const { folder, parts } = segment
  const sums = new PartSums()
  const fetched = (part: number): Promise<Uint8Array | undefined> => storage.get(partPath(folder, part))
  let next = parts > 0 ? fetched(0) : undefined
  for (let part = 0; part < parts; part++) {
    const place = { path: partPath(folder, part), location: storage.location }
    const file = await next
    if (!file) throw missingFile(place)
    if (part + 1 < parts) {
      next = fetched(part + 1)
      // Whoever waits for it is told.
      next.catch(() => undefined)
    }
    const payload = await decodeFile('segment', file, place)
    sums.add(statedChecksum(file))
    yield await decompress(payload)
  }
  if (sums.total === segment.sha256) return
  throw new LightflusError(
    'LF_CHECKPOINT_DAMAGED',
    `${folder} in ${storage.location} is damaged: its parts are not those that the manifest names.`,
    { details: { path: folder } },
  )
}
