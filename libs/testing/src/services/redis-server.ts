import { chmod } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { mavenFolder } from './maven.ts'
import { probe, type RunningServer, startServerProcess } from './server-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface RedisServerOptions {
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string
  /** Default: a free one. */
  readonly port?: number
}

/** Starts an empty Redis that writes nothing to disk and evicts nothing, as queues and sinks demand it. */
export async function startRedis({ host = '127.0.0.1', port }: RedisServerOptions = {}): Promise<RunningServer> {
  const library = await mavenFolder('redis')
  const file = `redis-server-*-${platform()}-${arch() === 'x64' ? 'amd64' : arch()}`
  const [executable] = globSync(file, { cwd: library })
  if (executable === undefined) throw new Error(`The Redis package holds no ${file}: set REDIS_URL`)
  const command = join(library, executable)
  await chmod(command, 0o755)
  const folder = temporaryFolder('redis')
  try {
    port ??= await freePort()
    const at = { host, port }
    const { stop } = await startServerProcess({
      name: 'Redis',
      command,
      args: [
        ...['--port', String(port), '--bind', host, '--dir', folder.path],
        ...['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'],
      ],
      logFile: join(folder.path, 'redis.log'),
      answers: () => probe(at, (answer) => answer.toString().startsWith('+PONG') || undefined, Buffer.from('PING\r\n')),
    })
    return { address: `redis://${host}:${port}`, stop: () => stop().then(() => folder.remove()) }
  } catch (thrown) {
    await folder.remove()
    throw thrown
  }
}
