import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { LightflusError, type Key } from '@lightflus/api'
import {
  hashKey,
  keyGroupCount,
  type RestoredSegment,
  type StateStore,
  type StoredSize,
  type StoredState,
  type StoredSnapshot,
  type StoreOwner,
} from '@lightflus/engine'
import { encodeEntry, isWhole, keyOf, stateOf, type Entry } from './entry.ts'
import { KeyIndex, type Place } from './key-index.ts'
import { SegmentFile } from './segment-file.ts'
import { SegmentReader } from './segment-reader.ts'

export interface SegmentStoreOptions {
  readonly job: string
  /** Of its own. */
  readonly folder: string
  readonly owner: StoreOwner
  /** At how many bytes a segment is sealed. Default 32 MiB. */
  readonly segmentBytes?: number
}

const segmentBytesByDefault = 32 * 1024 * 1024
/** How much of segments is gone through in one call of `tidy` … */
const tidyBytes = 256 * 1024
/** … or so many times what was put since the last one: of what is gone through, at least about half is garbage. */
const tidyShare = 3
/** Beyond so many segments small ones are joined: each is named in every checkpoint. */
const segmentsMany = 32

/**
 * A log in segments, as of Bitcask (Sheehy, Smith: "A Log-Structured Hash Table for Fast Key/Value Data", 2010): entries are
 * only ever appended; where the newest of each key lies is in memory. What is deleted is followed by a removal, so that the
 * segments, read in their order, give what is there. A segment of which little is still there is gone through, what is left
 * of it appended again, and its file deleted once no snapshot needs it.
 */
export class SegmentStore implements StateStore {
  readonly #options: SegmentStoreOptions
  readonly #segmentBytes: number
  readonly #index = new KeyIndex()
  /** By number, oldest first. */
  readonly #segments = new Map<number, SegmentFile>()
  #active: SegmentFile | undefined
  #tidied: { readonly segment: SegmentFile; readonly reader: SegmentReader } | undefined
  #number = 0
  /** Since the last call of `tidy`. */
  #putBytes = 0

  constructor(options: SegmentStoreOptions) {
    this.#options = options
    this.#segmentBytes = options.segmentBytes ?? segmentBytesByDefault
    this.#onDisk(() => mkdirSync(options.folder, { recursive: true }))
  }

  get(key: Key): StoredState | undefined {
    return this.#onDisk(() => {
      const found = this.#find(hashKey(key), key)
      return found && { state: stateOf(found.entry), bytes: found.entry.length }
    })
  }

  put(key: Key, state: unknown, expiresAt: number): void {
    const hash = hashKey(key)
    const entry = this.#encode(hash, key, state, expiresAt)
    this.#onDisk(() => {
      const former = this.#find(hash, key)
      if (former?.entry.equals(entry)) return
      if (former !== undefined) this.#forget(hash, former.place)
      this.#keep(hash, this.#append(entry, expiresAt))
      this.#putBytes += entry.length
    })
  }

  delete(key: Key): void {
    this.#onDisk(() => {
      const hash = hashKey(key)
      const found = this.#find(hash, key)
      if (found === undefined) return
      this.#forget(hash, found.place)
      this.#appendRemoval(encodeEntry(hash, key, undefined, -Infinity))
    })
  }

  keys(): readonly Key[] {
    const keys: Key[] = []
    this.#onDisk(() => {
      for (const { segment, offset, bytes } of this.#index.places())
        keys.push(keyOf(this.#segments.get(segment)!.read(offset, bytes)))
    })
    return keys
  }

  get size(): StoredSize {
    const memoryBytes = this.#index.bytes + (this.#active?.memoryBytes ?? 0)
    let diskBytes = 0
    for (const { bytes } of this.#segments.values()) diskBytes += bytes
    return { entries: this.#index.entries, memoryBytes, diskBytes }
  }

  snapshot(): StoredSnapshot {
    this.#onDisk(() => this.#seal())
    const held = [...this.#segments.values()]
    for (const segment of held) segment.holds++
    return {
      segments: held.map(({ name, path, bytes, keyGroups }) => ({
        name,
        path,
        bytes,
        ...(keyGroups && { keyGroups }),
      })),
      release: () => {
        for (const segment of held) {
          segment.holds--
          if (segment.isRetired) this.#onDisk(() => removeUnheld(segment))
        }
      },
    }
  }

  restore(segments: readonly RestoredSegment[]): void {
    this.#onDisk(() => {
      for (const { name, path, bytes, keyGroups } of segments) {
        const segment = SegmentFile.restored({ number: this.#number++, name, path }, { bytes, keyGroups })
        this.#segments.set(segment.number, segment)
        const replay = (entry: Entry, offset: number, entryBytes: Buffer) => {
          const group = entry.hash & (keyGroupCount - 1)
          if (group >= keyGroups.first && group <= keyGroups.last) this.#replay(segment, entry, offset, entryBytes)
        }
        new SegmentReader(segment).advance(replay, Infinity)
      }
    })
  }

  tidy(now: number): void {
    let left = Math.max(tidyBytes, tidyShare * this.#putBytes)
    this.#putBytes = 0
    this.#onDisk(() => {
      while (left > 0) {
        const tidied = (this.#tidied ??= this.#choose(now))
        if (tidied === undefined) return
        const { segment, reader } = tidied
        const move = (entry: Entry, offset: number, bytes: Buffer) => {
          left -= bytes.length
          this.#move(segment, entry, { offset, bytes, now })
        }
        if (reader.advance(move, left)) return
        this.#tidied = undefined
        this.#retire(segment)
      }
    })
  }

  close(): void {
    for (const segment of [...this.#segments.values()]) this.#retire(segment)
    this.#active = undefined
  }

  #encode(hash: number, key: Key, state: unknown, expiresAt: number): Buffer {
    try {
      return encodeEntry(hash, key, state, expiresAt)
    } catch (thrown) {
      const { operator } = this.#options.owner
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      throw new LightflusError(
        'LF_STATE_UNSUPPORTED',
        `Operator ${operator} holds state that no checkpoint can hold: ${reason}`,
        { details: { operator }, cause: thrown },
      )
    }
  }

  #find(hash: number, key: Key): { readonly place: Place; readonly entry: Buffer } | undefined {
    let entry: Buffer | undefined
    const place = this.#index.find(hash, ({ segment, offset, bytes }) => {
      entry = this.#segments.get(segment)!.read(offset, bytes)
      if (!isWhole(entry)) throw new Error(`an entry of ${this.#segments.get(segment)!.path} has changed`)
      return isSameKey(keyOf(entry), key)
    })
    return place && { place, entry: entry! }
  }

  #append(entry: Buffer, expiresAt: number): Place {
    const segment = (this.#active ??= this.#open())
    const place = { segment: segment.number, offset: segment.append(entry), bytes: entry.length }
    segment.expiresAt = Math.max(segment.expiresAt, expiresAt)
    if (segment.bytes >= this.#segmentBytes) this.#seal()
    return place
  }

  #appendRemoval(entry: Buffer): void {
    const { segment } = this.#append(entry, -Infinity)
    this.#segments.get(segment)!.removalBytes += entry.length
  }

  #keep(hash: number, place: Place): void {
    this.#index.add(hash, place)
    this.#segments.get(place.segment)!.liveBytes += place.bytes
  }

  /** @returns whether it was there */
  #forget(hash: number, place: Place): boolean {
    if (!this.#index.remove(hash, place)) return false
    this.#segments.get(place.segment)!.liveBytes -= place.bytes
    return true
  }

  #open(): SegmentFile {
    const { folder, owner } = this.#options
    const number = this.#number++
    const name = `${owner.attempt}/${owner.operator}/${owner.subtask}/${number}`
    const segment = SegmentFile.create({ number, name, path: join(folder, `${number}`) })
    this.#segments.set(number, segment)
    return segment
  }

  #seal(): void {
    this.#active?.seal()
    this.#active = undefined
  }

  #replay(segment: SegmentFile, entry: Entry, offset: number, bytes: Buffer): void {
    segment.expiresAt = Math.max(segment.expiresAt, entry.expiresAt)
    const former = this.#find(entry.hash, keyOf(bytes))
    if (former !== undefined) this.#forget(entry.hash, former.place)
    if (entry.isRemoval) segment.removalBytes += entry.bytes
    else this.#keep(entry.hash, { segment: segment.number, offset, bytes: entry.bytes })
  }

  /**
   * Which segment to make room in: one that has expired; the oldest where removals are many, since only there they are not
   * needed; the one of which least is there where much of all is not, or where there are many small ones.
   */
  #choose(now: number): { readonly segment: SegmentFile; readonly reader: SegmentReader } | undefined {
    const sealed = [...this.#segments.values()].filter(({ isSealed }) => isSealed)
    let [bytes, liveBytes, removalBytes] = [0, 0, 0]
    let least = sealed[0]
    for (const segment of sealed) {
      bytes += segment.bytes
      liveBytes += segment.liveBytes
      removalBytes += segment.removalBytes
      if (segment.expiresAt <= now && segment.liveBytes > 0) return { segment, reader: new SegmentReader(segment) }
      if (segment.liveBytes < least.liveBytes) least = segment
    }
    const much = Math.max(liveBytes, this.#segmentBytes)
    const isMany = sealed.length > segmentsMany && bytes / sealed.length < this.#segmentBytes / 4
    if (removalBytes > much) return { segment: sealed[0], reader: new SegmentReader(sealed[0]) }
    const isDue = isMany || bytes - liveBytes - removalBytes > much
    return isDue ? { segment: least, reader: new SegmentReader(least) } : undefined
  }

  /** Appends an entry of a segment that goes, where it still says something. */
  #move(
    segment: SegmentFile,
    { hash, isRemoval, expiresAt }: Entry,
    { offset, bytes, now }: { readonly offset: number; readonly bytes: Buffer; readonly now: number },
  ): void {
    if (segment.keyGroups !== undefined) {
      const group = hash & (keyGroupCount - 1)
      if (group < segment.keyGroups.first || group > segment.keyGroups.last) return
    }
    // What is removed can only lie in an older segment.
    const [oldest] = this.#segments.values()
    if (isRemoval) {
      // What was put since stands for both.
      if (segment !== oldest && this.#find(hash, keyOf(bytes)) === undefined) this.#appendRemoval(bytes)
      return
    }
    if (!this.#forget(hash, { segment: segment.number, offset, bytes: bytes.length })) return
    if (expiresAt > now) this.#keep(hash, this.#append(bytes, expiresAt))
    else if (segment !== oldest) this.#appendRemoval(encodeEntry(hash, keyOf(bytes), undefined, -Infinity))
  }

  #retire(segment: SegmentFile): void {
    this.#segments.delete(segment.number)
    segment.isRetired = true
    removeUnheld(segment)
  }

  #onDisk<T>(work: () => T): T {
    try {
      return work()
    } catch (thrown) {
      const { job, folder, owner } = this.#options
      const { operator } = owner
      throw new LightflusError(
        'LF_STATE_DISK',
        `Job ${job}, operator ${operator}: its state on disk, in ${folder}, cannot be read or written: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
        { details: { job, operator, folder }, cause: thrown },
      )
    }
  }
}

function removeUnheld(segment: SegmentFile): void {
  if (segment.holds === 0) segment.remove()
}

/** As a Map tells keys apart. */
function isSameKey(a: Key, b: Key): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}
