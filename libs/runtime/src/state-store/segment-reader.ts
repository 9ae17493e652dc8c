import { entryAt, isWhole, type Entry } from './entry.ts'
import type { SegmentFile } from './segment-file.ts'

const pieceBytes = 256 * 1024

/** Goes through the entries of a sealed segment in their order, a piece of the file at a time. */
export class SegmentReader {
  readonly #segment: SegmentFile
  #piece: Buffer = Buffer.alloc(0)
  /** Where the piece begins in the file, and how far it has been gone through. */
  #begin = 0
  #at = 0

  constructor(segment: SegmentFile) {
    this.#segment = segment
  }

  /**
   * @param take is given each entry, where it begins, and its bytes, which are its own only while it runs
   * @param bytesMax about how much to go through
   * @returns whether any are left
   */
  advance(take: (entry: Entry, offset: number, bytes: Buffer) => void, bytesMax: number): boolean {
    for (let left = bytesMax; left > 0;) {
      const entry = entryAt(this.#piece, this.#at) ?? this.#readOn()
      if (entry === undefined) return false
      const from = this.#at
      this.#at += entry.bytes
      left -= entry.bytes
      const bytes = this.#piece.subarray(from, this.#at)
      if (!isWhole(bytes)) throw new Error(`${this.#segment.path} has changed at ${this.#begin + from}`)
      take(entry, this.#begin + from, bytes)
    }
    return true
  }

  #readOn(): Entry | undefined {
    const begin = this.#begin + this.#at
    const rest = this.#segment.bytes - begin
    if (rest === 0) return undefined
    // An entry may be longer than a piece: its length stands at its beginning.
    const head = this.#segment.read(begin, Math.min(rest, 4))
    const wanted = head.length < 4 ? rest : Math.max(pieceBytes, head.readUInt32LE(0))
    this.#piece = this.#segment.read(begin, Math.min(rest, wanted))
    this.#begin = begin
    this.#at = 0
    const entry = entryAt(this.#piece, 0)
    if (entry !== undefined) return entry
    throw new Error(`${this.#segment.path} holds no entry at ${begin}`)
  }
}
