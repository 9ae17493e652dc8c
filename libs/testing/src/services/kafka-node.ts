import { globSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { javaCommand } from './java.ts'
import { mavenFolder } from './maven.ts'
import { probe, runToEnd, type ServerProcess, startServerProcess } from './server-process.ts'

export interface KafkaNodeOptions {
  /** An empty folder of its own. */
  readonly folder: string
  readonly clusterId: string
  /** Largest heap of its process, MB. */
  readonly heapMb: number
  /** Further flags of the process. */
  readonly javaFlags?: readonly string[]
}

export interface KafkaNodeStart {
  /** Where it listens. Default 127.0.0.1. */
  readonly host?: string
  readonly port: number
  /** How many brokers must be there before the node counts as ready. */
  readonly brokersMin: number
  readonly stopSignal?: NodeJS.Signals
}

/** One process of Apache Kafka, whose data outlive it. */
export class KafkaNode {
  readonly #options: KafkaNodeOptions
  readonly #propertiesFile: string
  readonly #logFile: string

  private constructor(options: KafkaNodeOptions) {
    this.#options = options
    this.#propertiesFile = join(options.folder, 'server.properties')
    this.#logFile = join(options.folder, 'broker.log')
  }

  /**
   * Prepares the folder of a node that may be a controller.
   * @param properties of which the last counts where one is there twice
   * @param formatArguments of the storage tool, such as `--add-scram`
   */
  static async format(
    options: KafkaNodeOptions,
    properties: readonly string[],
    formatArguments: readonly string[] = [],
  ): Promise<KafkaNode> {
    const node = await KafkaNode.#prepare(options, properties)
    await runToEnd({
      name: 'Formatting the folder of Kafka',
      command: javaCommand(),
      args: [
        ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', ...(await node.#java()), 'kafka.tools.StorageTool'],
        ...['format', '--cluster-id', options.clusterId, '--config', node.#propertiesFile, ...formatArguments],
      ],
      logFile: node.#logFile,
    })
    return node
  }

  /** Prepares the folder of a node that is a broker only: what formatting leaves there, without a process for it. */
  static async join(options: KafkaNodeOptions, id: number, properties: readonly string[]): Promise<KafkaNode> {
    const node = await KafkaNode.#prepare(options, properties)
    const data = join(options.folder, 'data')
    await mkdir(data)
    await writeFile(join(data, 'meta.properties'), `version=1\ncluster.id=${options.clusterId}\nnode.id=${id}\n`)
    return node
  }

  static async #prepare(options: KafkaNodeOptions, properties: readonly string[]): Promise<KafkaNode> {
    const node = new KafkaNode(options)
    await mkdir(options.folder, { recursive: true })
    await node.write(properties)
    await writeFile(node.#loggingFile, loggingProperties)
    return node
  }

  get #loggingFile(): string {
    return join(this.#options.folder, 'log4j2.properties')
  }

  /** Sets the properties with which it starts next. */
  write(properties: readonly string[]): Promise<void> {
    return writeFile(this.#propertiesFile, [...properties, `log.dirs=${this.#data}`, ''].join('\n'))
  }

  get #data(): string {
    return join(this.#options.folder, 'data').replaceAll('\\', '\\\\')
  }

  async #java(): Promise<string[]> {
    const library = await mavenFolder('kafka')
    const classpath = globSync('*.jar', { cwd: library }).map((jar) => join(library, jar))
    const logging = `-Dlog4j2.configurationFile=${this.#loggingFile}`
    return [logging, '-Dlog4j2.disable.jmx=true', '-cp', classpath.join(delimiter)]
  }

  /** Starts it and waits until it answers. */
  async start({ host = '127.0.0.1', port, brokersMin, stopSignal }: KafkaNodeStart): Promise<ServerProcess> {
    const flags = ['-Xms64m', `-Xmx${this.#options.heapMb}m`, ...(this.#options.javaFlags ?? [])]
    return startServerProcess({
      name: 'Kafka',
      command: javaCommand(),
      args: [
        ...[...flags, '-XX:+ExitOnOutOfMemoryError', '-Djava.awt.headless=true'],
        ...[...(await this.#java()), 'kafka.Kafka', this.#propertiesFile],
      ],
      logFile: this.#logFile,
      answers: () => namesBrokers({ host, port }, brokersMin),
      ...(stopSignal ? { stopSignal } : {}),
    })
  }
}

/**
 * True when an answer to Metadata v1, asked for no topics, names that many brokers: Kafka opens its port some time
 * before the broker may be used.
 */
function namesBrokers(at: { readonly host: string; readonly port: number }, count: number): Promise<boolean> {
  const request = Buffer.from('0000000e' + '0003' + '0001' + '00000001' + 'ffff' + '00000000', 'hex')
  return probe(at, (answer) => (answer.length < 12 ? undefined : answer.readInt32BE(8) >= count), request)
}

/** What every broker for tests has in common: a cluster of one of them is complete with these. */
export const commonProperties: readonly string[] = [
  'controller.listener.names=CONTROLLER',
  'inter.broker.listener.name=PLAINTEXT',
  'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  // one broker: nothing can be replicated
  'offsets.topic.replication.factor=1',
  'transaction.state.log.replication.factor=1',
  'transaction.state.log.min.isr=1',
  'share.coordinator.state.topic.replication.factor=1',
  'share.coordinator.state.topic.min.isr=1',
  'default.replication.factor=1',
  'min.insync.replicas=1',
  // few internal partitions: the first group or transaction is ready in milliseconds instead of a second
  'offsets.topic.num.partitions=4',
  'transaction.state.log.num.partitions=4',
  'share.coordinator.state.topic.num.partitions=4',
  'group.initial.rebalance.delay.ms=0',
  'num.partitions=1',
  // a misspelt topic is an error, never a new topic
  'auto.create.topics.enable=false',
  // a transaction of a sink that was killed must outlive its restart
  'transaction.max.timeout.ms=3600000',
  'log.segment.bytes=268435456',
]

const loggingProperties = `
status = error
name = kafka
appender.out.type = Console
appender.out.name = OUT
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = OUT
`
