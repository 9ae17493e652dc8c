import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { commonProperties, KafkaNode } from './kafka-node.ts'
import { newClusterId } from './kafka-server.ts'
import type { ServerProcess } from './server-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface KafkaClusterOptions {
  /** How many brokers; they bear the numbers from 1 on. */
  readonly brokers: number
  /** Where they listen. Default 127.0.0.1. */
  readonly host?: string
}

/** How long a broker may be silent until the controller gives its partitions other leaders, milliseconds. */
const sessionTimeoutMs = 3_000

/** Apache Kafka on several brokers, for tests that end some of them. The first is the controller, too, and stays. */
export class KafkaCluster {
  readonly #folder: { readonly path: string; remove(): Promise<void> }
  readonly #host: string
  readonly #controllerPort: number
  readonly #ports: number[]
  readonly #nodes: KafkaNode[] = []
  /** The brokers that run. */
  readonly #running = new Map<number, ServerProcess>()

  private constructor(host: string, ports: number[], controllerPort: number) {
    this.#folder = temporaryFolder('kafka-cluster')
    this.#host = host
    this.#ports = ports
    this.#controllerPort = controllerPort
  }

  static async start({ brokers, host = '127.0.0.1' }: KafkaClusterOptions): Promise<KafkaCluster> {
    const ports = await Promise.all(Array.from({ length: brokers }, () => freePort()))
    const cluster = new KafkaCluster(host, ports, await freePort())
    try {
      await cluster.#format()
      await Promise.all(ports.map((_, at) => cluster.#start(at + 1, brokers)))
      return cluster
    } catch (thrown) {
      await cluster.stop()
      throw thrown
    }
  }

  /** `host:port` of a broker. */
  address(node: number): string {
    return `${this.#host}:${this.#ports[node - 1]}`
  }

  /** Ends a broker at once, as a crash of its machine does. */
  async kill(node: number): Promise<void> {
    await this.#running.get(node)?.stop()
    this.#running.delete(node)
  }

  /** Lets a broker stand still, as a machine without memory does: it is connected, and answers nothing. */
  freeze(node: number): void {
    this.#running.get(node)!.freeze()
  }

  thaw(node: number): void {
    this.#running.get(node)!.thaw()
  }

  /** Starts a broker that was killed, with the data that it had; at another port where one is given. */
  async restart(node: number, port = this.#ports[node - 1]!): Promise<void> {
    this.#ports[node - 1] = port
    await this.#nodes[node - 1]!.write(this.#properties(node))
    await this.#start(node, 1)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((node) => this.kill(node)))
    await this.#folder.remove()
  }

  /** Only the controller's folder has to be formatted. */
  async #format(): Promise<void> {
    const clusterId = newClusterId()
    const nodes = this.#ports.map((_, at) => {
      const options = {
        folder: join(this.#folder.path, `node-${at + 1}`),
        clusterId,
        heapMb: 256,
        // Several at once on a small machine: what would make them fast later is not worth its start.
        javaFlags: ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      }
      const properties = this.#properties(at + 1)
      return at === 0 ? KafkaNode.format(options, properties) : KafkaNode.join(options, at + 1, properties)
    })
    this.#nodes.push(...(await Promise.all(nodes)))
  }

  async #start(node: number, brokersMin: number): Promise<void> {
    const process = await this.#nodes[node - 1]!.start({
      host: this.#host,
      port: this.#ports[node - 1]!,
      brokersMin,
      stopSignal: 'SIGKILL',
    })
    this.#running.set(node, process)
  }

  #properties(node: number): string[] {
    const plain = `PLAINTEXT://${this.address(node)}`
    const controller = `CONTROLLER://127.0.0.1:${this.#controllerPort}`
    return [
      ...commonProperties,
      `process.roles=${node === 1 ? 'broker,controller' : 'broker'}`,
      `node.id=${node}`,
      `controller.quorum.voters=1@127.0.0.1:${this.#controllerPort}`,
      `listeners=${node === 1 ? `${plain},${controller}` : plain}`,
      `advertised.listeners=${plain}`,
      // What groups and transactions are kept in must survive the loss of a broker.
      `offsets.topic.replication.factor=${this.#ports.length}`,
      `transaction.state.log.replication.factor=${this.#ports.length}`,
      `broker.session.timeout.ms=${sessionTimeoutMs}`,
      'broker.heartbeat.interval.ms=500',
      `replica.lag.time.max.ms=${sessionTimeoutMs}`,
      // A leader comes back to where it was when a test asks for it, not by itself.
      'auto.leader.rebalance.enable=false',
    ]
  }
}
