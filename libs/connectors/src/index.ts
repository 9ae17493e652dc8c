import type { Connector } from '@lightflus/engine'
import { filesConnector } from './files/files-connector.ts'
import { generatorConnector } from './generator/generator-connector.ts'
import { kafkaConnector } from './kafka/kafka-connector.ts'
import { redisConnector } from './redis/redis-connector.ts'
import { tableConnector } from './table/table-connector.ts'

/** Every connector by its kind. The client libraries behind them are loaded when a reader or writer opens. */
export const connectors: ReadonlyMap<string, Connector> = new Map(
  [filesConnector, generatorConnector, kafkaConnector, redisConnector, tableConnector].map((connector) => [connector.kind, connector]),
)
