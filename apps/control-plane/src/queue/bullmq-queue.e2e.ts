import { needs, services, uniqueName, until } from '@lightflus/testing/services'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { BullmqQueue } from './bullmq-queue.ts'
import { describeWorkQueue } from './work-queue.contract.ts'

const prefixes: string[] = []
const newPrefix = () => {
  const prefix = uniqueName('lf-queue', '-')
  prefixes.push(prefix)
  return prefix
}

async function forget(prefix: string): Promise<void> {
  const redis = new Redis(services().redisUrl)
  const keys = await redis.keys(`${prefix}:*`)
  if (keys.length > 0) await redis.del(...keys)
  redis.disconnect()
}

/** What stands between a queue and Redis, so that Redis can go away without the other tests' noticing. */
class Line {
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  #cut = false

  constructor(target: URL) {
    this.#server = createServer((socket) => {
      if (this.#cut) return void socket.destroy()
      const other = connect(Number(target.port), target.hostname)
      for (const [from, to] of [
        [socket, other],
        [other, socket],
      ]) {
        this.#sockets.add(from)
        from.on('error', () => to.destroy())
        from.on('close', () => {
          this.#sockets.delete(from)
          to.destroy()
        })
        from.pipe(to)
      }
    })
  }

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const { port } = this.#server.address() as { port: number }
    return `redis://127.0.0.1:${port}`
  }

  cut(): void {
    this.#cut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#cut = false
  }

  close(): void {
    this.cut()
    this.#server.close()
  }
}

needs('redis')('BullMQ on a real Redis', () => {
  describeWorkQueue('BullMQ', () => {
    const prefix = newPrefix()
    return {
      shared: true,
      open: (report) =>
        new BullmqQueue({
          url: services().redisUrl,
          prefix,
          onError: (queue, key, error) => report({ queue, key, error }),
        }),
    }
  })

  let line: Line
  let queue: BullmqQueue
  let prefix: string
  const children: ChildProcess[] = []
  const errors: unknown[] = []

  beforeEach(async () => {
    prefix = newPrefix()
    line = new Line(new URL(services().redisUrl))
    queue = new BullmqQueue({
      url: await line.open(),
      prefix,
      lockMs: 1_000,
      onError: (...error) => errors.push(error),
    })
  })

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    line.mend()
    await queue.close()
    line.close()
    errors.length = 0
    for (const used of prefixes.splice(0)) await forget(used)
  })

  it('says by code that Redis is away, and works again when it is back', async () => {
    const seen: string[] = []
    queue.consume('deployments', async (key) => void seen.push(key), { concurrency: 1 })
    await queue.wake('deployments', 'before')
    await until(() => seen.includes('before'), { what: 'the first key to be handled' })
    line.cut()
    await expect(queue.ping()).rejects.toMatchObject({ code: 'LF_QUEUE_UNREACHABLE' })
    await expect(queue.wake('deployments', 'lost')).rejects.toMatchObject({ code: 'LF_QUEUE_UNREACHABLE' })
    line.mend()
    await until(() => queue.ping().then(() => true), { what: 'Redis to answer again' })
    await queue.wake('deployments', 'after')
    await until(() => seen.includes('after'), { what: 'the key after the loss to be handled' })
  })

  it('closes while Redis is away', async () => {
    const seen: string[] = []
    queue.consume('deployments', async (key) => void seen.push(key), { concurrency: 1 })
    await queue.wake('deployments', 'before')
    await until(() => seen.includes('before'), { what: 'the first key to be handled' })
    line.cut()
    await queue.close()
  })

  it('closes while Redis is away and a wake-up is in hand, when its handler is done', async () => {
    const done = Promise.withResolvers<void>()
    const seen: string[] = []
    const handler = async (key: string) => {
      seen.push(key)
      await done.promise
      seen.push('done')
    }
    queue.consume('deployments', handler, { concurrency: 1 })
    await queue.wake('deployments', 'slow')
    await until(() => seen.includes('slow'), { what: 'the key to be in hand' })
    line.cut()
    const closing = queue.close()
    done.resolve()
    await closing
    expect(seen).toEqual(['slow', 'done'])
  })

  it('starts while Redis is away', async () => {
    line.cut()
    const seen: string[] = []
    queue.consume('deployments', async (key) => void seen.push(key), { concurrency: 1 })
    await expect(queue.every('deployments', 'beat', 100)).rejects.toMatchObject({ code: 'LF_QUEUE_UNREACHABLE' })
    line.mend()
    await until(() => seen.length >= 2, { what: 'the beat that was asked for in vain' })
  })

  it('beats on after Redis came back without its data', async () => {
    let beats = 0
    queue.consume('maintenance', async () => void beats++, { concurrency: 1 })
    await queue.every('maintenance', 'reconcile', 200)
    await until(() => beats >= 2, { what: 'the first beats' })
    await forget(prefix)
    const before = beats
    await until(() => beats >= before + 3, { what: 'beats after the loss' })
  })

  it('takes over a wake-up from a control plane that was killed while it worked on it', async () => {
    const child = spawn(
      process.execPath,
      [
        '-C',
        '@lf/source',
        new URL('./killed-consumer.fixture.ts', import.meta.url).pathname,
        services().redisUrl,
        prefix,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    children.push(child)
    await queue.wake('deployments', 'orphan')
    await once(child.stdout!, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const seen: string[] = []
    queue.consume('deployments', async (key) => void seen.push(key), { concurrency: 1 })
    await until(() => seen.includes('orphan'), { what: 'the other to take the key' })
    expect(errors).toEqual([])
  })
})
