import { LightflusError } from '@lightflus/api'
import { chunkBytes } from './file-bytes.ts'
import type { CutRecords, FileCutter, FilePosition } from './file-cutter.ts'

/** Longest line that is read, bytes. */
export const lineBytesMax = 16 * 1024 * 1024
/** Bytes that `fill` reads at once: each time it is a way to another thread and back. */
const fillBytes = 512 * 1024
const lineFeed = 10
const carriageReturn = 13
const space = 32
const lastOfAscii = 127
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/** Of a cutter that cuts a part of a file alone. */
export interface LineBounds {
  /** Lines that begin at this byte or behind it are not cut. */
  readonly until: number
  /** The first line is another's: it is left out. */
  readonly skipsFirst: boolean
  /** What records are told by: the numbers of their lines, or the bytes at which they begin. */
  readonly numbers: 'lines' | 'bytes'
}

const wholeFile: LineBounds = { until: Infinity, skipsFirst: false, numbers: 'lines' }

/** Cuts lines, which end in LF or CR LF; the last one needs no end. They are handed on as bytes, packed. */
export class LineCutter implements FileCutter {
  readonly #path: string
  readonly #skipBlank: boolean
  #buffer: Buffer = Buffer.alloc(0)
  /** What `#buffer` is the beginning of, where this cutter reads by itself. */
  #room: Buffer = Buffer.alloc(0)
  /** Where in the buffer the next line begins, and up to where no line end is. */
  #start = 0
  #searched = 0
  #hasEnded = false
  #byte: number
  #line: number
  readonly #bounds: LineBounds
  #skipsNext: boolean
  /** Filled anew by each `take`. */
  #starts = new Int32Array(0)
  #ends = new Int32Array(0)

  /** @param skipBlank leaves lines out that hold only blanks (JSON lines); plain text keeps them. */
  constructor(path: string, from: FilePosition, skipBlank: boolean, bounds = wholeFile) {
    this.#path = path
    this.#bounds = bounds
    this.#skipsNext = bounds.skipsFirst
    this.#byte = from.byte
    this.#line = from.line
    this.#skipBlank = skipBlank
  }

  take(recordsMax: number): CutRecords | undefined {
    if (this.#starts.length < recordsMax) {
      this.#starts = new Int32Array(recordsMax)
      this.#ends = new Int32Array(recordsMax)
    }
    // One that grows leaves three times of it behind for the garbage collector.
    const positions = new Array<number>(recordsMax)
    let count = 0
    const byteBefore = this.#byte
    while (count < recordsMax && this.#byte < this.#bounds.until) {
      const feed = this.#buffer.indexOf(lineFeed, this.#searched)
      if (feed < 0 && !(this.#hasEnded && this.#start < this.#buffer.length)) {
        this.#searched = this.#buffer.length
        this.#checkLength(this.#buffer.length - this.#start)
        break
      }
      const position = this.#bounds.numbers === 'lines' ? this.#line : this.#byte
      const [end, nextStart] = feed < 0 ? [this.#buffer.length, this.#buffer.length] : [feed, feed + 1]
      if (this.#cut(count, end, nextStart)) positions[count++] = position
    }
    if (count === 0) return undefined
    positions.length = count
    const packed = { length: count, bytes: this.#buffer, starts: this.#starts, ends: this.#ends }
    return { payloads: packed, positions, bytes: this.#byte - byteBefore }
  }

  /** The line from `#start` to `end`, as that number of the batch; false where it is left out. */
  #cut(number: number, end: number, nextStart: number): boolean {
    let start = this.#start
    this.#checkLength(nextStart - start)
    if (this.#byte === 0 && this.#buffer.subarray(start, start + 3).equals(byteOrderMark)) start += 3
    this.#line++
    this.#byte += nextStart - this.#start
    this.#start = this.#searched = nextStart
    if (this.#skipsNext) return (this.#skipsNext = false)
    const last = end > start && this.#buffer[end - 1] === carriageReturn ? end - 1 : end
    if (this.#skipBlank && this.#isBlank(start, last)) return false
    this.#starts[number] = start
    this.#ends[number] = last
    return true
  }

  #isBlank(start: number, end: number): boolean {
    const first = this.#buffer[start]!
    // Mostly one look will do; beyond ASCII there are blanks, too.
    if (end > start && first > space && first <= lastOfAscii) return false
    return this.#buffer.toString('utf8', start, end).trim() === ''
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
  }

  /**
   * Reads more by itself, into a buffer that it fills again and again: neither made anew, which the kernel would have to clear,
   * nor copied but for the line that was cut off. @returns false at the end
   */
  async fill(readInto: (buffer: Buffer) => Promise<number>): Promise<boolean> {
    const rest = this.#buffer.subarray(this.#start)
    const length = rest.length + this.#bytesToFill(rest.length)
    // After a long line it becomes small again.
    const isFitting = this.#room.length >= length && this.#room.length <= 4 * (rest.length + fillBytes)
    const room = isFitting ? this.#room : Buffer.allocUnsafeSlow(length + Math.max(rest.length, chunkBytes))
    room.set(rest)
    this.#room = room
    this.#buffer = room.subarray(0, rest.length)
    this.#searched = rest.length
    this.#start = 0
    const read = await readInto(room.subarray(rest.length, length))
    if (read === 0) this.end()
    else this.#buffer = room.subarray(0, rest.length + read)
    return read > 0
  }

  /** Little at first, as most files are small; and of what lies behind the bound only the end of one line is needed. */
  #bytesToFill(left: number): number {
    const bytes = this.#room.length === 0 ? chunkBytes : fillBytes
    return Math.max(chunkBytes, Math.min(bytes, this.#bounds.until - this.#byte - left))
  }

  end(): void {
    this.#hasEnded = true
  }

  position(): FilePosition {
    return { byte: this.#byte, line: this.#line }
  }
}
