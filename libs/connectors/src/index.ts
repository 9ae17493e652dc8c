import type { Connector } from '@lightflus/engine'

const loaders: ReadonlyMap<string, () => Promise<Connector>> = new Map([
  ['files', async () => (await import('./files/files-connector.ts')).filesConnector],
  ['generator', async () => (await import('./generator/generator-connector.ts')).generatorConnector],
  ['http', async () => (await import('./http/http-connector.ts')).httpConnector],
  ['kafka', async () => (await import('./kafka/kafka-connector.ts')).kafkaConnector],
  ['mysql', async () => (await import('./mysql/mysql-connector.ts')).mysqlConnector],
  ['redis', async () => (await import('./redis/redis-connector.ts')).redisConnector],
  ['table', async () => (await import('./table/table-connector.ts')).tableConnector],
])

export const connectorKinds: readonly string[] = [...loaders.keys()]

/**
 * The connector of a kind, or undefined where there is none. A job pays at its start for those that it uses only; the client
 * libraries behind them are loaded when a reader or writer opens.
 */
export async function loadConnector(kind: string): Promise<Connector | undefined> {
  return loaders.get(kind)?.()
}
