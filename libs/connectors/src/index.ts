import type { Connector, ResolvedConnection } from '@lightflus/engine'
import type { IngestLog } from './ingest/ingest-source.ts'
import type { TopicLogs } from './kafka/topic-log/topic-logs.ts'

export type { TopicLogs } from './kafka/topic-log/topic-logs.ts'
export type { Following, TopicLog } from './kafka/topic-log/topic-log.ts'

export { endpointOfPartition, type IngestLog, type IngestSegment } from './ingest/ingest-source.ts'
export {
  bodyTooLarge,
  ingestEndpoints,
  readIngestBody,
  requireEndpoint,
  type IngestBody,
  type IngestEndpoint,
} from './ingest/ingest-body.ts'
export { ingestStatus } from './ingest/ingest-status.ts'

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

/** Topics of Lightflus's own on a Kafka; the client is loaded by this. @throws LF_CONNECTION_OPTION */
export async function loadTopicLogs(connection: ResolvedConnection): Promise<TopicLogs> {
  return new (await import('./kafka/topic-log/topic-logs.ts')).TopicLogs(connection)
}

/** The connector of endpoints that take records over HTTP: it alone reads from the job's own storage, through `log`. */
export async function loadIngestConnector(log: IngestLog): Promise<Connector> {
  return (await import('./ingest/ingest-connector.ts')).ingestConnector(log)
}
