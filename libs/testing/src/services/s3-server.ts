import { globSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { javaCommand } from './java.ts'
import { mavenFolder } from './maven.ts'
import { probe, type RunningServer, startServerProcess } from './server-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

const user = 'lightflus'

/**
 * Starts an S3 server without buckets, which keeps objects in its memory, checks signatures, and lets one of several
 * concurrent writers create an object (not every server for tests does: with others `If-None-Match` is a check before
 * the write, and several win).
 */
export async function startS3(): Promise<RunningServer> {
  const library = await mavenFolder('s3')
  const [jar] = globSync('s3proxy-*.jar', { cwd: library })
  if (jar === undefined) throw new Error('The S3 package holds no s3proxy: set S3_ENDPOINT')
  const folder = temporaryFolder('s3')
  try {
    const port = await freePort()
    const properties = join(folder.path, 's3proxy.properties')
    await writeFile(
      properties,
      [
        `s3proxy.endpoint=http://127.0.0.1:${port}`,
        's3proxy.authorization=aws-v2-or-v4',
        `s3proxy.identity=${user}`,
        `s3proxy.credential=${user}`,
        'jclouds.provider=transient-nio2',
        'jclouds.identity=none',
        'jclouds.credential=none',
        '',
      ].join('\n'),
    )
    const { stop } = await startServerProcess({
      name: 'S3',
      command: javaCommand(),
      args: [
        ...['-Xms32m', '-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-XX:+ExitOnOutOfMemoryError'],
        ...['-Djava.awt.headless=true', '-jar', join(library, jar), '--properties', properties],
      ],
      logFile: join(folder.path, 's3proxy.log'),
      answers: () => probe(port, (answer) => answer.toString().startsWith('HTTP/1.1 ') || undefined, listBuckets),
    })
    return { address: `http://${user}:${user}@127.0.0.1:${port}`, stop: () => stop().then(() => folder.remove()) }
  } catch (thrown) {
    await folder.remove()
    throw thrown
  }
}

/** It is refused for want of a signature, and that is an answer. */
const listBuckets = Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
