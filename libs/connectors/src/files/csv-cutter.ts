import type { LightflusError } from '@lightflus/api'
import { CsvRows, type CsvRow } from './csv-rows.ts'
import { formatError } from './file-errors.ts'
import type { ByteReader } from './byte-reader.ts'
import type { CutRecords, FileCutter, FilePosition } from './file-cutter.ts'

export interface CsvHeader {
  readonly columns: readonly string[]
  /** Where the first row begins. */
  readonly end: FilePosition
}

/**
 * Reads the header of a file that is open at its beginning.
 * @throws LF_FILES_FORMAT when there is none, or a name is empty or repeated
 */
export async function readCsvHeader(file: ByteReader): Promise<CsvHeader> {
  const rows = new CsvRows(file.path, { byte: 0, line: 1 })
  for (let row = rows.next(); ; row = rows.next()) {
    if (row) return headerOf(row, file.path)
    const chunk = await file.read()
    if (chunk) {
      rows.feed(chunk)
      continue
    }
    rows.end()
    const last = rows.next()
    if (!last) throw formatError(file.path, 'line 1', 'there is no header')
    return headerOf(last, file.path)
  }
}

function headerOf({ fields, end, line }: CsvRow, path: string): CsvHeader {
  for (const [place, name] of fields.entries()) {
    if (name === '') throw formatError(path, `line ${line}`, `column ${place + 1} of the header has no name`)
    if (fields.indexOf(name) !== place) throw formatError(path, `line ${line}`, `two columns are named '${name}'`)
  }
  return { columns: fields, end }
}

/** Told of a row that does not fit the header. */
export type RejectRow = (error: LightflusError, row: { readonly partition: string; readonly position: number }) => void

/**
 * Cuts CSV (RFC 4180) into one object a row, of texts by column. Rows may span lines within quotes; blank lines are
 * left out. A row that does not fit the header is an error of that record and given to `reject`; a quote that makes
 * no sense is one of the file, since nobody can say where the next row begins.
 */
export class CsvCutter implements FileCutter {
  readonly #path: string
  /** How many columns there are, and those that are read, with their places. */
  readonly #width: number
  readonly #columns: readonly (readonly [name: string, place: number])[]
  readonly #rows: CsvRows
  readonly #reject: RejectRow
  #position: FilePosition

  /** @param fields the only columns that anybody looks at; undefined: all */
  constructor(path: string, header: CsvHeader, from: FilePosition, reject: RejectRow, fields?: ReadonlySet<string>) {
    this.#path = path
    this.#width = header.columns.length
    const columns = header.columns.map((name, place) => [name, place] as const)
    this.#columns = columns.filter(([name]) => fields?.has(name) ?? true)
    this.#position = from
    this.#rows = new CsvRows(path, from)
    this.#reject = reject
  }

  take(recordsMax: number): CutRecords | undefined {
    const payloads: unknown[] = []
    const positions: number[] = []
    let bytes = 0
    while (payloads.length < recordsMax) {
      const row = this.#rows.next()
      if (row === undefined) break
      bytes += row.end.byte - this.#position.byte
      this.#position = row.end
      const { fields, line } = row
      if (fields.length === this.#width) {
        payloads.push(Object.fromEntries(this.#columns.map(([name, place]) => [name, fields[place]])))
        positions.push(line)
        continue
      }
      const what = `${fields.length} fields, but the header has ${this.#width}`
      this.#reject(formatError(this.#path, `line ${line}`, what), { partition: this.#path, position: line })
    }
    return payloads.length === 0 ? undefined : { payloads, positions, bytes }
  }

  feed(chunk: Buffer): void {
    this.#rows.feed(chunk)
  }

  end(): void {
    this.#rows.end()
  }

  position(): FilePosition {
    return this.#position
  }
}
