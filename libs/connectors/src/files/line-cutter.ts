import { isUtf8 } from 'node:buffer'
import { LightflusError } from '@lightflus/api'
import type { FileCutter, FilePosition, FileRecord } from './file-cutter.ts'

/** Longest line that is read, bytes. */
export const lineBytesMax = 16 * 1024 * 1024
const lineFeed = 10
const carriageReturn = 13
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * Cuts lines, which end in LF or CR LF; the last one needs no end. Lines that are not UTF-8 are handed on as bytes, so
 * that decoding refuses that record and not a whole file, and never sees replacement characters in the data's place.
 */
export class LineCutter implements FileCutter {
  readonly #path: string
  readonly #skipBlank: boolean
  #buffer: Buffer = Buffer.alloc(0)
  /** Where in the buffer the next line begins, and up to where no line end is. */
  #start = 0
  #searched = 0
  #isText = true
  #hasEnded = false
  #byte: number
  #line: number

  /** @param skipBlank leaves lines out that hold only blanks (JSON lines); plain text keeps them. */
  constructor(path: string, from: FilePosition, skipBlank: boolean) {
    this.#path = path
    this.#byte = from.byte
    this.#line = from.line
    this.#skipBlank = skipBlank
  }

  next(): FileRecord | undefined {
    for (;;) {
      const feed = this.#buffer.indexOf(lineFeed, this.#searched)
      if (feed < 0 && !(this.#hasEnded && this.#start < this.#buffer.length)) {
        this.#searched = this.#buffer.length
        this.#checkLength(this.#buffer.length - this.#start)
        return undefined
      }
      const record = this.#take(feed < 0 ? this.#buffer.length : feed, feed < 0 ? this.#buffer.length : feed + 1)
      if (record) return record
    }
  }

  #take(end: number, nextStart: number): FileRecord | undefined {
    const line = this.#line++
    let start = this.#start
    const bytes = nextStart - start
    this.#checkLength(bytes)
    if (this.#byte === 0 && this.#buffer.subarray(start, start + 3).equals(byteOrderMark)) start += 3
    this.#byte += bytes
    this.#start = this.#searched = nextStart
    const last = end > start && this.#buffer[end - 1] === carriageReturn ? end - 1 : end
    const payload = this.#payloadOf(start, last)
    return this.#skipBlank && typeof payload === 'string' && payload.trim() === ''
      ? undefined
      : { payload, line, bytes }
  }

  #payloadOf(start: number, end: number): string | Uint8Array {
    if (this.#isText || isUtf8(this.#buffer.subarray(start, end))) return this.#buffer.toString('utf8', start, end)
    return new Uint8Array(this.#buffer.subarray(start, end))
  }

  #checkLength(bytes: number): void {
    if (bytes > lineBytesMax)
      throw new LightflusError(
        'LF_FILES_LINE_TOO_LONG',
        `'${this.#path}', line ${this.#line} is longer than ${lineBytesMax / 1024 / 1024} MiB`,
        { details: { path: this.#path, line: this.#line } },
      )
  }

  feed(chunk: Buffer): void {
    const rest = this.#buffer.subarray(this.#start)
    this.#searched = rest.length
    this.#start = 0
    this.#buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    // Up to the last line end: behind it a character may be cut in two, which the next chunk mends.
    this.#isText = isUtf8(this.#buffer.subarray(0, this.#buffer.lastIndexOf(lineFeed) + 1))
  }

  end(): void {
    this.#hasEnded = true
    this.#isText = isUtf8(this.#buffer.subarray(this.#start))
  }

  position(): FilePosition {
    return { byte: this.#byte, line: this.#line }
  }
}
