import { LightflusError } from '@lightflus/api'
import { at, messageOf, targetError, type Peer } from '../connection-errors.ts'
import { mayPass, mysqlError } from './mysql-errors.ts'
import { rowsOf, run, type MysqlClient } from './mysql-session.ts'
import { identifier } from './sql-row.ts'

const columns = ['lineage', 'operator', 'subtask', 'attempt', 'checkpoint', 'job', 'updated_at']

/** A row for each subtask of a sink, of a few hundred bytes. The texts are compared byte by byte. */
export const markerTableSql = (table: string): string =>
  `CREATE TABLE IF NOT EXISTS ${identifier(table)} (` +
  'lineage VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, ' +
  'operator VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, ' +
  'subtask INT UNSIGNED NOT NULL, ' +
  'attempt BIGINT UNSIGNED NOT NULL, ' +
  'checkpoint BIGINT UNSIGNED NOT NULL, ' +
  'job VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, ' +
  'updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, ' +
  'PRIMARY KEY (lineage, operator, subtask)) ENGINE = InnoDB'

/**
 * Makes the table of markers where it is not there.
 * @throws LF_CONNECTION_AUTH with the SQL that makes it, where this user may not
 */
export async function ensureMarkerTable(client: MysqlClient, peer: Peer, user: string, table: string): Promise<void> {
  const found = await rowsOf(
    client,
    'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?',
    [table],
  )
  if (found.length === 0) return create(client, peer, user, table)
  const names = new Set(found.map(({ name }) => String(name).toLowerCase()))
  const lacking = columns.filter((name) => !names.has(name))
  if (lacking.length > 0)
    throw targetError(peer, `table '${table}' is to hold the markers of sinks, and has no column ${lacking.join(', ')}`)
  await demandTransactions(client, peer, table)
}

async function create(client: MysqlClient, peer: Peer, user: string, table: string): Promise<void> {
  const sql = markerTableSql(table)
  try {
    await run(client, sql)
  } catch (thrown) {
    if (mayPass(thrown)) throw thrown
    const error = mysqlError(thrown, peer, user, table)
    if (error.code !== 'LF_CONNECTION_AUTH') throw error
    throw new LightflusError(
      'LF_CONNECTION_AUTH',
      `${at(peer)}: to write exactly once the sink needs the table '${table}', which user '${user}' may not create (${messageOf(thrown)})`,
      {
        details: { connection: peer.connection, table },
        nextStep: `Run this in the database, and grant the user SELECT, INSERT and UPDATE on it, or give the sink delivery 'at-least-once': ${sql};`,
        cause: thrown,
      },
    )
  }
}

/** @throws LF_MYSQL_ENGINE where a table could be left with half of a transaction */
export async function demandTransactions(client: MysqlClient, peer: Peer, table: string): Promise<void> {
  const [found] = await rowsOf(
    client,
    'SELECT t.engine AS engine, e.transactions AS transactions FROM information_schema.tables t LEFT JOIN information_schema.engines e ON e.engine = t.engine WHERE t.table_schema = DATABASE() AND t.table_name = ?',
    [table],
  )
  // A view has no engine; what is behind it is not looked at.
  if (found?.['engine'] == null || found['transactions'] === 'YES') return
  throw new LightflusError(
    'LF_MYSQL_ENGINE',
    `${at(peer)}: table '${table}' is of the engine ${String(found['engine'])}, which has no transactions`,
    { details: { connection: peer.connection, table } },
  )
}
