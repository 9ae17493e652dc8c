import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { ResolvedConnection } from '@lightflus/engine'
import type { Peer } from '../connection-errors.ts'
import { ConnectionOptionReader } from '../connection-options.ts'

export interface RedisConnectionOptions {
  readonly host: string
  readonly port: number
  readonly username: string | undefined
  readonly password: string | undefined
  /** Number of the database. */
  readonly database: number
  readonly tls: TlsOptions | undefined
}

const databaseMax = 65_535

/** @throws LF_CONNECTION_OPTION */
export function redisOptions(connection: ResolvedConnection): RedisConnectionOptions {
  const read = new ConnectionOptionReader(connection)
  return {
    host: read.text('host'),
    port: read.whole('port', 6379, 65_535),
    username: read.optionalText('username'),
    password: read.optionalText('password'),
    database: read.whole('database', 0, databaseMax),
    tls: read.tls(),
  }
}

export const redisPeer = (connection: ResolvedConnection, { host, port }: RedisConnectionOptions): Peer => ({
  connection: connection.name,
  system: 'Redis',
  address: `${host}:${port}`,
})
