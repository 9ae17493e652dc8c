import { LightflusError } from '@lightflus/api'

/** Puts text in quotes, with what needs it escaped. */
export type EscapeText = (text: string) => string

/** A name as SQL takes it, whatever is in it. */
export const identifier = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/**
 * Turns rows into lists of SQL literals. The columns are those of the first row; every other must have the same, since
 * one statement writes many rows.
 */
export class RowMaker {
  readonly #escape: EscapeText
  #columns: readonly string[] | undefined

  constructor(escape: EscapeText) {
    this.#escape = escape
  }

  /** Of the first row; undefined before. */
  get columns(): readonly string[] | undefined {
    return this.#columns
  }

  /** @throws LF_SINK_VALUE */
  literals(row: unknown): string {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new LightflusError('LF_SINK_VALUE', 'row must yield an object of columns and their values')
    const fields = row as Readonly<Record<string, unknown>>
    const names = Object.keys(fields)
    const columns = this.#columns ?? names
    if (columns.length === 0) throw new LightflusError('LF_SINK_VALUE', 'row yielded no column')
    if (names.length !== columns.length || !columns.every((name) => name in fields))
      throw new LightflusError(
        'LF_SINK_VALUE',
        `row yielded the columns ${names.join(', ')}, but the first one had ${columns.join(', ')}`,
      )
    const literals = columns.map((name) => this.#literal(fields[name], name))
    this.#columns = columns
    return `(${literals.join(',')})`
  }

  /**
   * What tells a row apart: the literals of its key's columns, each as text, so that a column of texts is not compared
   * as numbers.
   * @throws LF_SINK_VALUE
   */
  keyLiterals(row: unknown, key: readonly string[]): readonly string[] {
    const fields = (row ?? {}) as Readonly<Record<string, unknown>>
    return key.map((column) => {
      const value = fields[column]
      if (value === undefined || value === null)
        throw unfit(column, `${String(value)}, and it is of the key by which rows are told apart`)
      const literal = this.#literal(value, column)
      return /^[-\d]/.test(literal) ? `'${literal}'` : literal
    })
  }

  #literal(value: unknown, column: string): string {
    switch (typeof value) {
      case 'string':
        return this.#escape(value)
      case 'number':
        if (Number.isFinite(value)) return String(value)
        throw unfit(column, `${value}, which is no number of SQL`)
      case 'bigint':
        return value.toString()
      case 'boolean':
        return value ? '1' : '0'
      case 'object':
        return value === null ? 'NULL' : this.#objectLiteral(value, column)
      default:
        throw unfit(column, `a value of type ${typeof value}; give null where there is none`)
    }
  }

  #objectLiteral(value: object, column: string): string {
    if (value instanceof Uint8Array) return `X'${Buffer.from(value).toString('hex')}'`
    if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) throw unfit(column, 'a Date that is none')
      return `'${value.toISOString().slice(0, -1).replace('T', ' ')}'`
    }
    return this.#escape(
      JSON.stringify(value, (_name, field: unknown) => (typeof field === 'bigint' ? field.toString() : field)),
    )
  }
}

const unfit = (column: string, what: string): LightflusError =>
  new LightflusError('LF_SINK_VALUE', `row yielded for column '${column}' ${what}`)
