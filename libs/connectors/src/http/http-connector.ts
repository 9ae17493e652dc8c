import type { Connector, ConnectionReport, ResolvedConnection } from '@lightflus/engine'
import { at, authError, connectError, connectTimeoutMs } from '../connection-errors.ts'
import { HttpClient } from './http-client.ts'
import { httpOptions, httpPeer } from './http-options.ts'
import { HttpSink } from './http-sink.ts'

/** Any answer will do, but one that refuses the credentials: few services tell more at their address itself. */
async function testConnection(connection: ResolvedConnection, signal: AbortSignal): Promise<ConnectionReport> {
  const options = httpOptions(connection)
  const peer = httpPeer(connection, options)
  const client = new HttpClient(options)
  try {
    const { status } = await client.send(options.url, { method: 'HEAD', timeoutMs: connectTimeoutMs, signal })
    if (status === 401 || status === 403) throw authError(peer, `answered ${status}`)
    return { summary: `HTTP, ${options.url.host} answers (${status})` }
  } catch (thrown) {
    throw connectError(thrown, peer) ?? (thrown instanceof Error ? thrown : new Error(at(peer), { cause: thrown }))
  } finally {
    client.close()
  }
}

export const httpConnector: Connector = {
  kind: 'http',
  createSink: (context) => new HttpSink(context),
  testConnection,
}
