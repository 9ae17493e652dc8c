import type { Connector, ConnectionReport, ResolvedConnection } from '@lightflus/engine'
import { redisError } from './redis-errors.ts'
import { connectRedis, peerOf } from './redis-client.ts'
import { RedisSink } from './redis-sink.ts'

async function testConnection(connection: ResolvedConnection, signal: AbortSignal): Promise<ConnectionReport> {
  const peer = peerOf(connection)
  const client = await connectRedis(connection, signal)
  try {
    const information = await client.info('server')
    return { summary: `Redis ${/redis_version:(\S+)/.exec(information)?.[1] ?? 'of unknown version'}` }
  } catch (thrown) {
    throw redisError(thrown, peer)
  } finally {
    client.disconnect()
  }
}

export const redisConnector: Connector = {
  kind: 'redis',
  createSink: (context) => new RedisSink(context),
  testConnection,
}
