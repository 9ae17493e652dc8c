import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { globSync } from 'node:fs'
import { freePort } from './free-port.ts'
import { javaCommand } from './java.ts'
import { mavenFolder } from './maven.ts'
import { probe, type RunningServer, runToEnd, startServerProcess } from './server-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface KafkaServerOptions {
  /** Properties that are added to the broker's own, or take the place of those: other listeners, say. */
  readonly properties?: (ports: { readonly broker: number; readonly controller: number }) => readonly string[]
  /** Further arguments of the storage tool's `format`, such as `--add-scram`. */
  readonly formatArguments?: readonly string[]
}

/** Starts Apache Kafka: one broker that is its own controller, with an empty folder. */
export async function startKafka(options: KafkaServerOptions = {}): Promise<RunningServer> {
  const jars = globSync('*.jar', { cwd: await mavenFolder('kafka') })
  const library = await mavenFolder('kafka')
  const classpath = jars.map((jar) => join(library, jar)).join(delimiter)
  const folder = temporaryFolder('kafka')
  try {
    const port = await freePort()
    const properties = join(folder.path, 'server.properties')
    const logging = join(folder.path, 'log4j2.properties')
    const logFile = join(folder.path, 'broker.log')
    const controllerPort = await freePort()
    // Of a property that is there twice the last counts.
    const own = options.properties?.({ broker: port, controller: controllerPort }) ?? []
    await writeFile(properties, [serverProperties(port, controllerPort, join(folder.path, 'data')), ...own].join('\n'))
    await writeFile(logging, loggingProperties)
    const java = [`-Dlog4j2.configurationFile=${logging}`, '-Dlog4j2.disable.jmx=true', '-cp', classpath]
    const command = javaCommand()
    // 22 characters of base64url: the form of Kafka's own identifiers
    const clusterId = randomBytes(16).toString('hex').slice(0, 22)
    await runToEnd({
      name: 'Formatting the folder of Kafka',
      command,
      args: [
        ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', ...java, 'kafka.tools.StorageTool'],
        ...['format', '--cluster-id', clusterId, '--config', properties, ...(options.formatArguments ?? [])],
      ],
      logFile,
    })
    const stop = await startServerProcess({
      name: 'Kafka',
      command,
      args: [
        ...['-Xms64m', '-Xmx512m', '-XX:+ExitOnOutOfMemoryError', '-Djava.awt.headless=true'],
        ...[...java, 'kafka.Kafka', properties],
      ],
      logFile,
      answers: () => namesABroker(port),
    })
    return { address: `127.0.0.1:${port}`, stop: () => stop().then(() => folder.remove()) }
  } catch (thrown) {
    await folder.remove()
    throw thrown
  }
}

/**
 * True when an answer to Metadata v1, asked for no topics, names a broker: Kafka opens its port some time before the
 * broker may be used.
 */
function namesABroker(port: number): Promise<boolean> {
  const request = Buffer.from('0000000e' + '0003' + '0001' + '00000001' + 'ffff' + '00000000', 'hex')
  return probe(port, (answer) => (answer.length < 12 ? undefined : answer.readInt32BE(8) > 0), request)
}

function serverProperties(port: number, controllerPort: number, data: string): string {
  return `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${data.replaceAll('\\', '\\\\')}
# one broker: nothing can be replicated
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
default.replication.factor=1
min.insync.replicas=1
# few internal partitions: the first group or transaction is ready in milliseconds instead of a second
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
share.coordinator.state.topic.num.partitions=4
group.initial.rebalance.delay.ms=0
num.partitions=1
# a misspelt topic is an error, never a new topic
auto.create.topics.enable=false
# a transaction of a sink that was killed must outlive its restart
transaction.max.timeout.ms=3600000
log.segment.bytes=268435456
`
}

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
