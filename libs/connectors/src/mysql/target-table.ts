import { LightflusError } from '@lightflus/api'
import { at, targetError, type Peer } from '../connection-errors.ts'
import { rowsOf, type MysqlClient } from './mysql-session.ts'
import { identifier } from './sql-row.ts'

export type WriteMode = 'insert' | 'upsert'

/** The table that a sink writes, as the server has it. */
export interface TargetTable {
  readonly name: string
  /** In lower case: SQL's column names do not tell them apart. */
  readonly columns: ReadonlySet<string>
  /** Largest statement that the server takes, bytes. */
  readonly statementBytesMax: number
}

/** A column as the server describes it, e.g. `id`, `bigint`. */
export interface TableColumn {
  readonly name: string
  readonly type: string
}

/** @throws LF_CONNECTION_TARGET when there is no such table */
export async function columnsOf(client: MysqlClient, peer: Peer, table: string): Promise<readonly TableColumn[]> {
  const columns = await rowsOf(
    client,
    'SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position',
    [table],
  )
  if (columns.length === 0)
    throw targetError(peer, `there is no table '${table}' in the database, or the user may not see it`)
  return columns.map(({ name, type }) => ({ name: String(name), type: String(type).toLowerCase() }))
}

/** Largest statement that the server takes, bytes. */
export async function statementBytesMaxOf(client: MysqlClient): Promise<number> {
  const [limits] = await rowsOf(client, 'SELECT @@max_allowed_packet AS bytes')
  return Number(limits!['bytes'])
}

/**
 * Looks the table up.
 * @param key the columns by which the program tells rows apart; null: it leaves that to the table
 * @throws LF_CONNECTION_TARGET when it is not there, LF_MYSQL_NO_KEY when rows could not be told apart for an upsert
 */
export async function lookUp(
  client: MysqlClient,
  peer: Peer,
  name: string,
  { mode, key }: { readonly mode: WriteMode; readonly key: readonly string[] | null },
): Promise<TargetTable> {
  const columns = await columnsOf(client, peer, name)
  if (mode === 'upsert') await demandKey(client, peer, name, key)
  return {
    name,
    columns: new Set(columns.map((column) => column.name.toLowerCase())),
    statementBytesMax: await statementBytesMaxOf(client),
  }
}

async function demandKey(client: MysqlClient, peer: Peer, name: string, key: readonly string[] | null): Promise<void> {
  const parts = await rowsOf(
    client,
    'SELECT index_name AS name, column_name AS part FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND non_unique = 0',
    [name],
  )
  const keys = [...Map.groupBy(parts, (part) => String(part['name'])).values()].map((columns) =>
    columns.map((column) => String(column['part'])),
  )
  const isWanted = (columns: readonly string[]) => key === null || sameNames(columns, key)
  if (keys.some(isWanted)) return
  const what = keys.length === 0 ? 'neither a primary nor a unique key' : `no unique key of just ${key!.join(', ')}`
  throw new LightflusError(
    'LF_MYSQL_NO_KEY',
    `${at(peer)}: table '${name}' has ${what}, which ${key === null ? "mode 'upsert'" : "the option 'key'"} needs`,
    { details: { connection: peer.connection, table: name } },
  )
}

/** Whether two lists name the same columns, in any order. */
function sameNames(a: readonly string[], b: readonly string[]): boolean {
  const inOrder = (names: readonly string[]) =>
    names
      .map((name) => name.toLowerCase())
      .sort()
      .join('\0')
  return inOrder(a) === inOrder(b)
}

/** Deletes the rows of these keys, each as literals in the order of the columns. */
export function deleteStatement(
  table: string,
  columns: readonly string[],
  keys: readonly (readonly string[])[],
): string {
  const names = columns.map(identifier)
  const wanted =
    names.length === 1
      ? `${names[0]} IN (${keys.map(([literal]) => literal).join(',')})`
      : // Not a list of tuples: for those servers read the whole table.
        keys.map((key) => `(${names.map((name, index) => `${name}=${key[index]}`).join(' AND ')})`).join(' OR ')
  return `DELETE FROM ${identifier(table)} WHERE ${wanted}`
}

/** What stands before and after the rows in a statement. */
export function statementParts(table: string, columns: readonly string[], mode: WriteMode): readonly [string, string] {
  const names = columns.map(identifier)
  const before = `INSERT INTO ${identifier(table)} (${names.join(',')}) VALUES `
  const after =
    mode === 'insert' ? '' : ` ON DUPLICATE KEY UPDATE ${names.map((name) => `${name}=VALUES(${name})`).join(',')}`
  return [before, after]
}
