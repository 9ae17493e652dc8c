import type { SinkDeclaration } from '../definition.ts'
import { fn, oneOf, optional, resolveOptions, text, whole } from '../internal/options.ts'

/** What a column can be given: objects are written as JSON. */
export type MysqlValue = string | number | bigint | boolean | Date | Uint8Array | object | null

export interface MysqlSinkOptions<T> {
  readonly connection: string
  readonly table: string
  /** Columns and their values; every record gives the same columns. */
  readonly row: (record: T) => Readonly<Record<string, MysqlValue>>
  /**
   * `'insert'`: every record is a new row; after a restart rows may repeat. `'upsert'` (default): a row with the same
   * primary or unique key is replaced, so that repeating does no harm.
   */
  readonly mode?: 'insert' | 'upsert'
  /** Rows in one statement at most. Default 500. Raise it for throughput; lower it when the server refuses large packets. */
  readonly batchRows?: number
}

const rules = {
  connection: text(),
  table: text(),
  row: fn<(record: any) => unknown>(),
  mode: optional(oneOf('insert', 'upsert'), 'upsert' as const),
  batchRows: optional(whole(1, 10_000), 500),
}

function sink<T>(options: MysqlSinkOptions<T>): SinkDeclaration<T, 'inserts'> {
  const { connection, table, row, mode, batchRows } = resolveOptions('mysql.sink', options, rules)
  return {
    accepts: 'inserts',
    connector: 'mysql',
    connection,
    options: { connector: { table, mode, batchRows } },
    functions: { row },
  }
}

/** Tables of MySQL or MariaDB. */
export const mysql = { sink }
