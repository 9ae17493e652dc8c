import type { Connector, ConnectionReport, ResolvedConnection } from '@lightflus/engine'
import { redisError } from './redis-errors.ts'
import { RedisLookup } from './redis-lookup.ts'
import { redisOptions, redisPeer } from './redis-options.ts'
import { redisSession } from './redis-session.ts'
import { RedisSink } from './redis-sink.ts'

async function testConnection(connection: ResolvedConnection, signal: AbortSignal): Promise<ConnectionReport> {
  const options = redisOptions(connection)
  const peer = redisPeer(connection, options)
  const ending = new AbortController()
  const session = redisSession(options, peer, AbortSignal.any([signal, ending.signal]))
  try {
    const client = await session.open()
    const information = await client.info('server')
    return {
      summary: `Redis ${/redis_version:(\S+)/.exec(information)?.[1] ?? 'of unknown version'}, database ${options.database}`,
    }
  } catch (thrown) {
    throw redisError(thrown, peer)
  } finally {
    ending.abort()
  }
}

export const redisConnector: Connector = {
  kind: 'redis',
  createSink: (context) => new RedisSink(context),
  createLookup: (context) => new RedisLookup(context),
  testConnection,
}
