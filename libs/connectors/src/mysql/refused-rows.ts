import type { LightflusError } from '@lightflus/api'
import type { Peer } from '../connection-errors.ts'
import { mayPass, mysqlError } from './mysql-errors.ts'
import { run, type MysqlClient } from './mysql-session.ts'
import type { RowsStatement } from './mysql-statements.ts'

export interface RefusedRow {
  readonly row: string
  readonly error: LightflusError
}

export interface RefusalContext {
  readonly peer: Peer
  readonly user: string
  readonly table: string
}

/** What the server may say of rows that it will say again: all else is as it is without transactions. */
const refusedForGood = new Set(['LF_MYSQL_CONSTRAINT', 'LF_MYSQL_COLUMN', 'LF_CONNECTION_TARGET'])

function refusalIn(thrown: unknown, { peer, user, table }: RefusalContext): LightflusError | undefined {
  if (mayPass(thrown)) return undefined
  const error = mysqlError(thrown, peer, user, table)
  return refusedForGood.has(error.code) ? error : undefined
}

/**
 * Runs a statement. Where the server refuses it, it is undone and every row is written by itself; those that are refused
 * for good are yielded, and all others are written by the end.
 */
export async function* refusedRows(
  client: MysqlClient,
  { sql, single }: RowsStatement,
  context: RefusalContext,
): AsyncGenerator<RefusedRow> {
  try {
    await run(client, sql)
    return
  } catch (thrown) {
    if (refusalIn(thrown, context) === undefined) throw thrown
  }
  for (const { sql: sqlOfRow, row } of single) {
    try {
      await run(client, sqlOfRow)
    } catch (thrown) {
      const error = refusalIn(thrown, context)
      if (error === undefined) throw thrown
      yield { row, error }
    }
  }
}
