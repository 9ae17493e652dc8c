import { LightflusError } from '@lightflus/api'
import type { StateSegment } from '@lightflus/engine'
import { segmentFolder, type CheckpointStorage } from '@lightflus/storage'
import type { SegmentDisk } from './segment-disk.ts'
import { encodePart, partBytes, partPath, PartSums, type StoredSegment } from './stored-segment.ts'

/** Parts on their way to the storage at once, of all subtasks of this process. */
const partsUnderWayMax = 4

export interface SegmentUploadsOptions {
  readonly storage: CheckpointStorage
  readonly attempt: number
  readonly readFile: SegmentDisk['read']
  /** What storage holds already, of the checkpoint that was restored. */
  readonly restored: readonly StoredSegment[]
}

/** A subtask of the attempt, by names of files. */
interface Owner {
  readonly chain: number
  readonly index: number
}

/**
 * Stores segments of state from the disk, each once: what storage holds is known of the checkpoint that was restored, and of
 * those that this attempt began, aborted ones included. One segment is under way at a time, so that what is in memory of
 * them is a few parts.
 */
export class SegmentUploads {
  readonly #options: SegmentUploadsOptions
  readonly #restored: ReadonlyMap<string, StoredSegment>
  /** By subtask, the segments of its newest snapshot. */
  readonly #held = new Map<string, ReadonlyMap<string, StoredSegment>>()
  #last: Promise<unknown> = Promise.resolve()
  #number = 0
  #isClosed = false

  constructor(options: SegmentUploadsOptions) {
    this.#options = options
    this.#restored = new Map(options.restored.map((each) => [each.name, each]))
  }

  /**
   * All segments of a subtask's snapshot, once they are stored. What failed is tried again by the next snapshot. Calls for
   * one subtask must not overlap.
   * @throws what the storage and the disk throw; LF_CHECKPOINT_FAILED where a file is not as long as it should be
   */
  async store(
    { chain, index }: Owner,
    checkpoint: number | 'finished',
    segments: readonly StateSegment[],
  ): Promise<StoredSegment[]> {
    const owner = `${chain}-${index}`
    const before = this.#held.get(owner)
    const held = new Map<string, StoredSegment>()
    this.#held.set(owner, held)
    for (const { name } of segments) {
      const known = before?.get(name) ?? this.#restored.get(name)
      if (known) held.set(name, known)
    }
    for (const segment of segments) {
      if (held.has(segment.name)) continue
      const folder = segmentFolder(this.#options.attempt, checkpoint, `${owner}-${this.#number++}`)
      held.set(segment.name, await this.#inTurn(() => this.#upload(segment, folder)))
    }
    return [...held.values()]
  }

  /** Whatever is still to be stored will not be named. */
  close(): void {
    this.#isClosed = true
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }

  async #upload(segment: StateSegment, folder: string): Promise<StoredSegment> {
    const { storage, readFile } = this.#options
    const sums = new PartSums()
    const underWay: Promise<void>[] = []
    let [parts, read, bytes] = [0, 0, 0]
    for await (const piece of readFile(segment.path, partBytes)) {
      this.#assertOpen(segment)
      const file = await encodePart(piece)
      if (underWay.length === partsUnderWayMax) await underWay.shift()
      const put = storage.put(partPath(folder, parts++), file.bytes)
      // Whoever waits for it is told.
      put.catch(() => undefined)
      underWay.push(put)
      sums.add(file.sha256)
      read += piece.byteLength
      bytes += file.bytes.byteLength
    }
    await Promise.all(underWay)
    if (read !== segment.bytes) throw failed(segment, `it holds ${read} bytes instead of ${segment.bytes}`)
    return { name: segment.name, folder, parts, sha256: sums.total, bytes }
  }

  #assertOpen(segment: StateSegment): void {
    if (this.#isClosed) throw failed(segment, 'the attempt is over')
  }
}

function failed({ name, path }: StateSegment, why: string): LightflusError {
  return new LightflusError('LF_CHECKPOINT_FAILED', `Segment ${name} of state, ${path}, could not be stored: ${why}.`, {
    details: { segment: name, path },
  })
}
