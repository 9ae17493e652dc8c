import type { Connector, ConnectionReport, ResolvedConnection } from '@lightflus/engine'
import { MysqlLookup } from './mysql-lookup.ts'
import { mysqlOptions, mysqlPeer } from './mysql-options.ts'
import { mysqlSession, rowsOf } from './mysql-session.ts'
import { MysqlSink } from './mysql-sink.ts'

async function testConnection(connection: ResolvedConnection, signal: AbortSignal): Promise<ConnectionReport> {
  const options = mysqlOptions(connection)
  const ending = new AbortController()
  const session = mysqlSession(options, mysqlPeer(connection, options), AbortSignal.any([signal, ending.signal]))
  try {
    const client = await session.open()
    const [server] = await rowsOf(client, 'SELECT VERSION() AS version')
    const [tables] = await rowsOf(
      client,
      'SELECT COUNT(*) AS count FROM information_schema.tables WHERE table_schema = DATABASE()',
    )
    const count = Number(tables!['count'])
    const summary = `MySQL ${String(server!['version'])}, database ${options.database}, ${count} table${count === 1 ? '' : 's'}`
    return { summary }
  } finally {
    ending.abort()
  }
}

export const mysqlConnector: Connector = {
  kind: 'mysql',
  createSink: (context) => new MysqlSink(context),
  createLookup: (context) => new MysqlLookup(context),
  testConnection,
}
