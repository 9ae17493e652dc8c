import { isIP } from 'node:net'
import type { Redis } from 'ioredis'
import { connectTimeoutMs, type Peer } from '../connection-errors.ts'
import { Session } from '../session.ts'
import { mayPass, redisError } from './redis-errors.ts'
import type { RedisConnectionOptions } from './redis-options.ts'

/** How long an answer may take, milliseconds. */
const answerTimeoutMs = 15_000

export function redisSession(options: RedisConnectionOptions, peer: Peer, signal: AbortSignal): Session<Redis> {
  return new Session({
    peer,
    signal,
    open: () => openClient(options),
    isOpen: (client) => client.status === 'ready',
    destroy: (client) => client.disconnect(),
    mayPass,
    translate: (thrown) => redisError(thrown, peer, options.tls !== undefined),
  })
}

/**
 * A client that does nothing by itself: no reconnecting, no second try, and no signing in, for what ioredis learns of
 * that it only prints. It throws what really kept it from connecting.
 */
async function openClient({ host, port, username, password, database, tls }: RedisConnectionOptions): Promise<Redis> {
  const { Redis } = await import('ioredis')
  const client = new Redis({
    host,
    port,
    ...(tls ? { tls: { ...(isIP(host) ? {} : { servername: host }), ...tls } } : {}),
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: connectTimeoutMs,
    commandTimeout: answerTimeoutMs,
    // Its timer keeps the process alive, even for a connection that is gone.
    disconnectTimeout: 20,
  })
  // What happened is told here, and calls fail only with "Connection is closed".
  let failure: unknown
  client.on('error', (error: unknown) => (failure ??= error))
  try {
    await client.connect()
    if (password !== undefined) await client.call('AUTH', ...(username === undefined ? [] : [username]), password)
    await client.select(database)
    await client.ping()
    return client
  } catch (thrown) {
    client.disconnect()
    throw failure ?? thrown
  }
}
