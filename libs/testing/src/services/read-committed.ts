import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { javaCommand } from './java.ts'
import { mavenFolder } from './maven.ts'

const program = join(import.meta.dirname, 'ReadCommitted.java')
/** Beyond it a transaction is taken to be open for good, milliseconds. */
const timeoutMs = 120_000

/**
 * The values of each partition that Kafka's own client sees of committed data. That of kafkajs does not filter what is
 * aborted where several transactions overlap in a partition: it takes them in the order in which they end. Needs a JDK.
 */
export async function readCommitted(bootstrap: string, topic: string, partitions: number): Promise<string[][]> {
  const classpath = join(await mavenFolder('kafka'), '*')
  const flags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', classpath]
  const { stdout } = await promisify(execFile)(
    javaCommand(),
    [...flags, program, bootstrap, topic, String(partitions)],
    { timeout: timeoutMs, maxBuffer: 256 * 1024 * 1024 },
  )
  const read = Array.from({ length: partitions }, (): string[] => [])
  for (const line of stdout.split('\n').filter((text) => text !== '')) {
    const [partition, value] = line.split('\t')
    read[Number(partition)]!.push(value!)
  }
  return read
}
