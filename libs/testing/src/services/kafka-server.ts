import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { commonProperties, KafkaNode } from './kafka-node.ts'
import type { RunningServer } from './server-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface KafkaServerOptions {
  /** Properties that are added to the broker's own, or take the place of those: other listeners, say. */
  readonly properties?: (ports: { readonly broker: number; readonly controller: number }) => readonly string[]
  /** Further arguments of the storage tool's `format`, such as `--add-scram`. */
  readonly formatArguments?: readonly string[]
  /** Further flags of its process. */
  readonly javaFlags?: readonly string[]
}

/** Starts Apache Kafka: one broker that is its own controller, with an empty folder. */
export async function startKafka(options: KafkaServerOptions = {}): Promise<RunningServer> {
  const folder = temporaryFolder('kafka')
  try {
    const ports = { broker: await freePort(), controller: await freePort() }
    const properties = [...ownProperties(ports), ...(options.properties?.(ports) ?? [])]
    const node = await KafkaNode.format(
      {
        folder: join(folder.path, 'node'),
        clusterId: newClusterId(),
        heapMb: 512,
        javaFlags: options.javaFlags ?? [],
      },
      properties,
      options.formatArguments,
    )
    const { stop } = await node.start({ port: ports.broker, brokersMin: 1 })
    return { address: `127.0.0.1:${ports.broker}`, stop: () => stop().then(() => folder.remove()) }
  } catch (thrown) {
    await folder.remove()
    throw thrown
  }
}

/** 22 characters of base64url: the form of Kafka's own identifiers. */
export const newClusterId = (): string => randomBytes(16).toString('hex').slice(0, 22)

const ownProperties = (ports: { readonly broker: number; readonly controller: number }): string[] => [
  ...commonProperties,
  'process.roles=broker,controller',
  'node.id=1',
  `controller.quorum.voters=1@127.0.0.1:${ports.controller}`,
  `listeners=PLAINTEXT://127.0.0.1:${ports.broker},CONTROLLER://127.0.0.1:${ports.controller}`,
  `advertised.listeners=PLAINTEXT://127.0.0.1:${ports.broker}`,
]
