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

/**
 * Looks the table up.
 * @throws LF_CONNECTION_TARGET when it is not there, LF_MYSQL_NO_KEY when rows could not be told apart for an upsert
 */
export async function lookUp(client: MysqlClient, peer: Peer, name: string, mode: WriteMode): Promise<TargetTable> {
  const columns = await rowsOf(
    client,
    'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?',
    [name],
  )
  if (columns.length === 0)
    throw targetError(peer, `there is no table '${name}' in the database, or the user may not see it`)
  const [limits] = await rowsOf(client, 'SELECT @@max_allowed_packet AS bytes')
  if (mode === 'upsert') await demandKey(client, peer, name)
  return {
    name,
    columns: new Set(columns.map((column) => String(column['name']).toLowerCase())),
    statementBytesMax: Number(limits!['bytes']),
  }
}

async function demandKey(client: MysqlClient, peer: Peer, name: string): Promise<void> {
  const [keys] = await rowsOf(
    client,
    'SELECT COUNT(*) AS count FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND non_unique = 0',
    [name],
  )
  if (Number(keys!['count']) > 0) return
  throw new LightflusError(
    'LF_MYSQL_NO_KEY',
    `${at(peer)}: table '${name}' has neither a primary nor a unique key, which mode 'upsert' needs`,
    { details: { connection: peer.connection, table: name } },
  )
}

/** What stands before and after the rows in a statement. */
export function statementParts(table: string, columns: readonly string[], mode: WriteMode): readonly [string, string] {
  const names = columns.map(identifier)
  const before = `INSERT INTO ${identifier(table)} (${names.join(',')}) VALUES `
  const after =
    mode === 'insert' ? '' : ` ON DUPLICATE KEY UPDATE ${names.map((name) => `${name}=VALUES(${name})`).join(',')}`
  return [before, after]
}
