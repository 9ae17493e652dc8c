import type { Key } from '@lightflus/api'
import { identifier, type EscapeText } from './sql-row.ts'

/** A key as it is asked for. */
export interface AskedKey {
  /** As the server writes it, most likely. */
  readonly text: string
  readonly literal: string
}

const numericTypes = new Set([
  'tinyint',
  'smallint',
  'mediumint',
  'int',
  'bigint',
  'decimal',
  'float',
  'double',
  'year',
])
const numberForm = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

export const isNumeric = (type: string): boolean => numericTypes.has(type)

/**
 * A key as a literal of the column's kind, since the server compares text with a number in ways that find too much.
 * Undefined: no row of such a column can have it.
 */
export function askedKey(key: Key, columnIsNumeric: boolean, escape: EscapeText): AskedKey | undefined {
  if (!columnIsNumeric) return { text: String(key), literal: escape(String(key)) }
  const text = typeof key === 'boolean' ? String(Number(key)) : String(key)
  return numberForm.test(text) ? { text, literal: text } : undefined
}

export interface LookupTable {
  readonly table: string
  readonly key: string
  /** The columns of what is found. */
  readonly columns: readonly string[]
}

/** Yields rows of the key and then the columns, for all keys at once. */
export function manyKeysQuery({ table, key, columns }: LookupTable, asked: readonly AskedKey[]): string {
  const names = [key, ...columns].map(identifier).join(',')
  return `SELECT ${names} FROM ${identifier(table)} WHERE ${identifier(key)} IN (${literals(asked)})`
}

const literals = (asked: readonly AskedKey[]): string => asked.map(({ literal }) => literal).join(',')

/** Yields rows of the key's place in the list and then the columns: each key is compared by the server alone. */
export function eachKeyQuery({ table, key, columns }: LookupTable, asked: readonly AskedKey[]): string {
  const names = columns.map(identifier).join(',')
  return asked
    .map(
      ({ literal }, place) =>
        `(SELECT ${place},${names} FROM ${identifier(table)} WHERE ${identifier(key)}=${literal} LIMIT 1)`,
    )
    .join(' UNION ALL ')
}

/** Texts that a server may hold for equal, by whatever collation, have one such form. */
export const looseForm = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .trimEnd()
