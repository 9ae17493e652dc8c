import { isUtf8 } from 'node:buffer'
import { LightflusError } from '@lightflus/api'
import { parse } from 'csv-parse/sync'
import { formatError } from './file-errors.ts'
import type { FilePosition } from './file-cutter.ts'
import { lineBytesMax } from './line-cutter.ts'

export interface CsvRow {
  readonly fields: readonly string[]
  /** Line on which the row begins. */
  readonly line: number
  /** Where the next row begins. */
  readonly end: FilePosition
}

interface ParsedRow {
  readonly record: string[]
  readonly info: { readonly bytes: number }
}

const lineFeed = 10
const carriageReturn = 13
const quote = 34

/**
 * Finds where rows end (a line feed behind an even number of quotes) and has csv-parse take apart what is complete:
 * so all rows of a chunk are there at once, at exact positions, and nothing but an unfinished row is kept.
 */
export class CsvRows {
  readonly #path: string
  /** Bytes that belong to no complete row yet, and how far they have been searched. */
  #rest: Buffer = Buffer.alloc(0)
  #searched = 0
  #isQuoted = false
  /** Where `#rest` begins. */
  #at: FilePosition
  #rows: CsvRow[] = []
  #taken = 0

  constructor(path: string, from: FilePosition) {
    this.#path = path
    this.#at = from
  }

  next(): CsvRow | undefined {
    return this.#rows[this.#taken++]
  }

  feed(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#parse(this.#endOfRows())
    if (this.#rest.length > lineBytesMax)
      throw new LightflusError(
        'LF_FILES_LINE_TOO_LONG',
        `'${this.#path}', line ${this.#at.line}: a row is longer than ${lineBytesMax / 1024 / 1024} MiB; is a quote left open?`,
        { details: { path: this.#path, line: this.#at.line } },
      )
  }

  /** The last row needs no line end. */
  end(): void {
    this.#parse(this.#rest.length)
  }

  #endOfRows(): number {
    const bytes = this.#rest
    let end = 0
    for (let place = this.#searched; place < bytes.length; place++) {
      const byte = bytes[place]
      if (byte === quote) this.#isQuoted = !this.#isQuoted
      else if (byte === lineFeed && !this.#isQuoted) end = place + 1
    }
    this.#searched = bytes.length
    return end
  }

  /** Takes apart the first `length` bytes of the rest. */
  #parse(length: number): void {
    if (length === 0) return
    const block = this.#rest.subarray(0, length)
    if (!isUtf8(block)) throw formatError(this.#path, `line ${this.#at.line} or below`, 'it is not UTF-8')
    const parsed = this.#records(block)
    if (this.#taken > this.#rows.length) this.#taken = this.#rows.length
    this.#rows = this.#rows.slice(this.#taken)
    this.#taken = 0
    let start = 0
    let line = this.#at.line
    for (const { record, info } of parsed) {
      const blank = blankLines(block, start)
      const lines = lineFeeds(block, start, info.bytes)
      const end = { byte: this.#at.byte + info.bytes, line: line + lines }
      this.#rows.push({ fields: record, line: line + blank, end })
      line = end.line
      start = info.bytes
    }
    this.#at = { byte: this.#at.byte + length, line: line + lineFeeds(block, start, length) }
    this.#rest = this.#rest.subarray(length)
    this.#searched = this.#rest.length
  }

  #records(block: Buffer): readonly ParsedRow[] {
    try {
      return parse(block, {
        info: true,
        bom: this.#at.byte === 0,
        relax_column_count: true,
        skip_empty_lines: true,
        // Stated and not found out from the first line: a restored run begins at another line.
        record_delimiter: ['\r\n', '\n'],
      }) as unknown as readonly ParsedRow[]
    } catch (thrown) {
      const { code, lines, message } = thrown as Error & { readonly code?: string; readonly lines?: number }
      // Only the last row can lack its closing quote, and it is all that is left then.
      if (code === 'CSV_QUOTE_NOT_CLOSED')
        throw formatError(this.#path, `line ${this.#at.line + blankLines(block, 0)}`, 'a quote is left open')
      throw formatError(this.#path, `line ${this.#at.line + (lines ?? 1) - 1}`, message.replace(/ at line \d+/, ''))
    }
  }
}

function lineFeeds(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = bytes.indexOf(lineFeed, from); at >= 0 && at < to; at = bytes.indexOf(lineFeed, at + 1)) count++
  return count
}

/** Blank lines at the beginning: they are part of no row. */
function blankLines(bytes: Buffer, from: number): number {
  let count = 0
  for (let at = from; bytes[at] === lineFeed || bytes[at] === carriageReturn; at++) if (bytes[at] === lineFeed) count++
  return count
}
