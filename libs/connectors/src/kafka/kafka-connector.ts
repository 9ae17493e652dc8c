import type { Connector, ConnectionReport, ResolvedConnection } from '@lightflus/engine'
import { kafkaError } from './kafka-errors.ts'
import { clusterOptions } from './network/cluster-options.ts'
import { KafkaClient } from './network/kafka-client.ts'
import { KafkaSink } from './sink/kafka-sink.ts'
import { KafkaSource } from './source/kafka-source.ts'

async function testConnection(connection: ResolvedConnection, signal: AbortSignal): Promise<ConnectionReport> {
  const client = new KafkaClient(clusterOptions(connection))
  const close = () => client.close()
  signal.addEventListener('abort', close, { once: true })
  try {
    await client.connect()
    const { brokers, topics } = await client.cluster()
    return { summary: `Kafka, ${counted(brokers.length, 'broker')}, ${counted(topics.length, 'topic')}` }
  } catch (thrown) {
    throw kafkaError(thrown, client.peer, 'connecting')
  } finally {
    signal.removeEventListener('abort', close)
    client.close()
  }
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

export const kafkaConnector: Connector = {
  kind: 'kafka',
  createSource: (context) => new KafkaSource(context),
  createSink: (context) => new KafkaSink(context),
  testConnection,
}
