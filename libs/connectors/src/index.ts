import type { Connector } from '@lightflus/engine'
import { filesConnector } from './files/files-connector.ts'
import { generatorConnector } from './generator/generator-connector.ts'
import { kafkaConnector } from './kafka/kafka-connector.ts'
import { mysqlConnector } from './mysql/mysql-connector.ts'
import { redisConnector } from './redis/redis-connector.ts'
import { tableConnector } from './table/table-connector.ts'

const all = [filesConnector, generatorConnector, kafkaConnector, mysqlConnector, redisConnector, tableConnector]

/** Every connector by its kind. The client libraries behind them are loaded when a reader or writer opens. */
export const connectors: ReadonlyMap<string, Connector> = new Map(all.map((connector) => [connector.kind, connector]))
