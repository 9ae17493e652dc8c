import type { LookupDeclaration, SinkDeclaration } from '../definition.ts'
import { isSchema } from '../formats.ts'
import { fitting, fn, oneOf, optional, resolveOptions, text, whole } from '../internal/options.ts'
import type { StandardSchema } from '../schema.ts'

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
  /**
   * `'exactly-once'`: rows wait in the checkpoint and are written, all in one transaction, once it exists; they are seen an
   * interval between checkpoints later. `'at-least-once'`: they are written at once, and again after a restart. Default:
   * exactly once where checkpoints survive the loss of the process.
   */
  readonly delivery?: 'exactly-once' | 'at-least-once'
  /** Of exactly once: the table that tells what was committed; it is made where it is not there. Default `'lightflus_markers'`. */
  readonly markerTable?: string
  /**
   * Of exactly once: output of a subtask that may wait for its checkpoint, bytes. From half of it on the job is slowed
   * down; more ends the attempt with LF_SINK_STAGE_FULL. Default 64 MiB. Raise it with long intervals, if the memory is there.
   */
  readonly stagedBytesMax?: number
}

/** For changelogs, too: rows that are taken back are deleted. */
export interface MysqlChangelogSinkOptions<T> extends Omit<MysqlSinkOptions<T>, 'mode'> {
  /** The columns by which rows are told apart: those of the table's primary key, or of another unique one. */
  readonly key: readonly [string, ...string[]]
  readonly mode?: 'upsert'
}

const isColumns = (value: unknown): value is readonly [string, ...string[]] =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string' && name !== '')
const columnsRule = fitting(isColumns, 'a list of columns that is not empty')

const sinkRules = {
  connection: text(),
  table: text(),
  row: fn<(record: any) => unknown>(),
  key: optional(columnsRule, null),
  mode: optional(oneOf('insert', 'upsert'), 'upsert' as const),
  batchRows: optional(whole(1, 10_000), 500),
  delivery: optional(oneOf('exactly-once', 'at-least-once'), null),
  markerTable: optional(text(), 'lightflus_markers'),
  stagedBytesMax: optional(whole(2 ** 20, 2 ** 30), 64 * 2 ** 20),
}

/** With `key`: rows that come, change and go. */
function sink<T>(options: MysqlChangelogSinkOptions<T>): SinkDeclaration<T, 'changes'>
/** Without: records that are added, or that replace what has their key. */
function sink<T>(options: MysqlSinkOptions<T>): SinkDeclaration<T, 'inserts'>
function sink(options: object): SinkDeclaration<any> {
  const { connection, row, ...connector } = resolveOptions('mysql.sink', options, sinkRules)
  const { key, mode } = connector
  if (key !== null) resolveOptions('mysql.sink with a key', { mode }, { mode: oneOf('upsert') })
  return {
    accepts: key === null ? 'inserts' : 'changes',
    connector: 'mysql',
    connection,
    options: { connector },
    functions: { row },
  }
}

export interface MysqlLookupOptions<R> {
  readonly connection: string
  /** A table or view of the connection's database. */
  readonly table: string
  /** The column that is asked for; one with an index, whose values are unique. */
  readonly key: string
  /** The columns of what is found. Default: all. */
  readonly columns?: readonly [string, ...string[]]
  /** A schema that validates what is found, and may convert it. Default: the row is taken as it is. */
  readonly value?: StandardSchema<any, R>
}

const lookupRules = {
  connection: text(),
  table: text(),
  key: text(),
  columns: optional(columnsRule, null),
  value: optional(fitting(isSchema, 'a schema'), undefined),
}

/** The row of a table whose `key` is what is asked for. */
function lookup<R = Readonly<Record<string, unknown>>>(options: MysqlLookupOptions<R>): LookupDeclaration<R> {
  const { connection, table, key, columns, value } = resolveOptions('mysql.lookup', options, lookupRules)
  return {
    connector: 'mysql',
    connection,
    options: { connector: { table, key, columns } },
    functions: value ? { schema: value } : {},
  }
}

/** Tables of MySQL or MariaDB. */
export const mysql = { sink, lookup }
