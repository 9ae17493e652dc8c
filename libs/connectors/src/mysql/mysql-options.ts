import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { ResolvedConnection } from '@lightflus/engine'
import { ConnectionOptionReader } from '../connection-options.ts'
import type { Peer } from '../connection-errors.ts'

export interface MysqlOptions {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly tls: TlsOptions | undefined
}

/** @throws LF_CONNECTION_OPTION */
export function mysqlOptions(connection: ResolvedConnection): MysqlOptions {
  const read = new ConnectionOptionReader(connection)
  return {
    host: read.text('host'),
    port: read.whole('port', 3306, 65_535),
    user: read.text('user'),
    password: read.optionalText('password') ?? '',
    database: read.text('database'),
    tls: read.tls(),
  }
}

export const mysqlPeer = (connection: ResolvedConnection, { host, port }: MysqlOptions): Peer => ({
  connection: connection.name,
  system: 'MySQL',
  address: `${host}:${port}`,
})
