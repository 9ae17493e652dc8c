import type { Redis, RedisOptions } from 'ioredis'
import type { ResolvedConnection } from '@lightflus/engine'
import { connectError, connectTimeoutMs, timeoutError, type Peer } from '../connection-errors.ts'
import { ConnectionOptionReader } from '../connection-options.ts'
import { redisError } from './redis-errors.ts'

/** How long a command may wait for its answer, milliseconds: longer than a fail-over takes. */
export const patienceMs = 30_000
const databaseMax = 65_535

export const peerOf = (connection: ResolvedConnection): Peer => {
  const options = new ConnectionOptionReader(connection)
  return { connection: connection.name, system: 'Redis', address: `${options.text('host')}:${options.whole('port', 6_379, 65_535)}` }
}

/**
 * A connected client. It never sends a command a second time by itself: whether one whose answer was lost has been
 * carried out is not known, so a lost connection ends the attempt and the checkpoint says where to go on.
 * @throws LF_CONNECTION_* saying what is wrong
 */
export async function connectRedis(connection: ResolvedConnection, signal: AbortSignal): Promise<Redis> {
  const { Redis } = await import('ioredis')
  const peer = peerOf(connection)
  const client = new Redis(clientOptions(connection))
  // Without a listener ioredis prints what it cannot tell anybody; every command gets its failure as well.
  let lastError: unknown
  client.on('error', (error: unknown) => (lastError = error))
  signal.addEventListener('abort', () => client.disconnect(), { once: true })
  try {
    await client.connect()
    await client.ping()
    return client
  } catch (thrown) {
    client.disconnect()
    const cause = lastError ?? thrown
    if (cause instanceof Error && cause.message === 'connect ETIMEDOUT') throw timeoutError(peer, connectTimeoutMs)
    throw connectError(cause, peer) ?? redisError(cause, peer)
  }
}

function clientOptions(connection: ResolvedConnection): RedisOptions {
  const options = new ConnectionOptionReader(connection)
  const username = options.optionalText('username')
  const password = options.optionalText('password')
  const tls = options.tls()
  return {
    host: options.text('host'),
    port: options.whole('port', 6_379, 65_535),
    db: options.whole('database', 0, databaseMax),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls } : {}),
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    commandTimeout: patienceMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  }
}
