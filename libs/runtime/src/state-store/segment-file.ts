import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import type { KeyGroupRange } from '@lightflus/engine'

/** Appended bytes wait for so many before they are written. */
const bufferBytes = 256 * 1024
const none = Buffer.alloc(0)

export interface SegmentOptions {
  readonly number: number
  readonly name: string
  readonly path: string
}

/** A file of entries. It is appended to until it is sealed; then it never changes. */
export class SegmentFile {
  readonly number: number
  readonly name: string
  readonly path: string
  /** Of a restored segment: what of it is state, and its file is somebody else's. */
  readonly keyGroups: KeyGroupRange | undefined
  /** Of the entries that are state now. */
  liveBytes = 0
  /** Of the removals. */
  removalBytes = 0
  /** When the last of its entries expires. */
  expiresAt = -Infinity
  bytes: number
  isSealed: boolean
  /** Snapshots that name it. */
  holds = 0
  /** No state lies in it any more: its file goes with the last hold. */
  isRetired = false
  readonly #file: number
  /** What is appended and not written yet; none once it is sealed. */
  #buffer: Buffer
  #buffered = 0

  private constructor(
    { number, name, path }: SegmentOptions,
    file: number,
    restored?: { bytes: number; keyGroups: KeyGroupRange },
  ) {
    this.number = number
    this.name = name
    this.path = path
    this.#file = file
    this.bytes = restored?.bytes ?? 0
    this.keyGroups = restored?.keyGroups
    this.isSealed = restored !== undefined
    this.#buffer = this.isSealed ? none : Buffer.allocUnsafe(bufferBytes)
  }

  static create(options: SegmentOptions): SegmentFile {
    return new SegmentFile(options, openSync(options.path, 'wx+'))
  }

  static restored(options: SegmentOptions, restored: { bytes: number; keyGroups: KeyGroupRange }): SegmentFile {
    return new SegmentFile(options, openSync(options.path, 'r'), restored)
  }

  /** @returns where the entry begins */
  append(entry: Buffer): number {
    const at = this.bytes
    if (this.#buffered + entry.length > this.#buffer.length) this.#flush()
    if (entry.length > this.#buffer.length) this.#write(entry)
    else {
      entry.copy(this.#buffer, this.#buffered)
      this.#buffered += entry.length
    }
    this.bytes += entry.length
    return at
  }

  /** A copy: typed arrays of a state are views of what they were read from, and a program may change them. */
  read(offset: number, bytes: number): Buffer {
    const written = this.bytes - this.#buffered
    if (offset >= written) return Buffer.from(this.#buffer.subarray(offset - written, offset - written + bytes))
    const read = Buffer.allocUnsafe(bytes)
    let done = 0
    while (done < bytes) {
      const count = readSync(this.#file, read, done, bytes - done, offset + done)
      if (count === 0) throw new Error(`${this.path} ends at ${offset + done}, within an entry`)
      done += count
    }
    return read
  }

  seal(): void {
    this.#flush()
    this.#buffer = none
    this.isSealed = true
  }

  /** What it takes in memory. */
  get memoryBytes(): number {
    return this.#buffer.length
  }

  /** Without its file, unless that is somebody else's. */
  remove(): void {
    closeSync(this.#file)
    if (this.keyGroups === undefined) rmSync(this.path, { force: true })
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#buffered))
    this.#buffered = 0
  }

  #write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at)
  }
}
