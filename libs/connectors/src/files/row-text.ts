import { LightflusError } from '@lightflus/api'

/** How a record becomes a line of a file, with its line end. @throws LF_SINK_VALUE for what the format cannot hold */
export type RowText = (row: unknown) => string

/** A record as JSON; bigint as digits in text, since readers of JSON would round it. */
export const jsonLine: RowText = (row) => {
  const text = JSON.stringify(row, (_name, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  ) as string | undefined
  if (text !== undefined) return `${text}\n`
  throw new LightflusError('LF_SINK_VALUE', `A value of type ${typeof row} cannot be written as JSON`)
}

/**
 * Records as rows of CSV (RFC 4180) with LF ends, of one file or of several that each begin with a header. Columns are those
 * of the file's header, or else of the first record. A missing field is left empty; one without a column is refused, never lost.
 */
export class CsvRows {
  #columns: readonly string[] | undefined
  #isHeaderDue: boolean

  /** @param header of the file that is there already */
  constructor(header?: readonly string[]) {
    this.#columns = header
    this.#isHeaderDue = header === undefined
  }

  /** The next row is the first of another file. */
  beginFile(): void {
    this.#isHeaderDue = true
  }

  /** @throws LF_SINK_VALUE */
  textOf(row: unknown): string {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new LightflusError('LF_SINK_VALUE', 'A row of CSV must be an object with named fields')
    const fields = row as Readonly<Record<string, unknown>>
    const names = this.#columns ?? Object.keys(fields)
    for (const name of Object.keys(fields))
      if (!names.includes(name))
        throw new LightflusError('LF_SINK_VALUE', `Field '${name}' has no column; the file has ${names.join(', ')}`)
    const line = rowOf(names.map((name) => fields[name]))
    this.#columns = names
    const text = this.#isHeaderDue ? rowOf(names) + line : line
    this.#isHeaderDue = false
    return text
  }
}

const rowOf = (values: readonly unknown[]): string =>
  // A blank line is no row, so a lone empty field is quoted.
  `${values.length === 1 && fieldOf(values[0]) === '' ? '""' : values.map(fieldOf).join(',')}\n`

function fieldOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text =
    typeof value !== 'object' ? String(value) : value instanceof Date ? value.toISOString() : JSON.stringify(value)
  return /[",\r\n]/.test(text) || text === '' || text.charCodeAt(0) === 0xfeff
    ? `"${text.replaceAll('"', '""')}"`
    : text
}
