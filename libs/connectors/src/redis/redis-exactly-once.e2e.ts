import type { Json } from '@lightflus/api'
import { needs, services, startRedis, uniqueName } from '@lightflus/testing/services'
import { Redis } from 'ioredis'
import { MemoryLog, runAttempt } from '../testing/commit-job.ts'
import { describeChangelogContract } from '../testing/changelog-contract.ts'
import { committingWriter } from '../testing/committing-writer.ts'
import { describeExactlyOnce } from '../testing/exactly-once-contract.ts'
import type { TestRow } from '../testing/random-changelog.ts'
import { redisConnection, redisPlace } from '../testing/service-connections.ts'
import { TcpProxy } from '../testing/tcp-proxy.ts'
import { sinkContext } from '../testing/test-context.ts'
import type { RedisSinkOptions } from './redis-command.ts'
import { RedisSink } from './redis-sink.ts'

let redis: Redis
let name: string

const optionsOf = (options: Partial<RedisSinkOptions> = {}): Readonly<Record<string, Json>> => ({
  ...{ command: 'list', ttlMs: null, delivery: 'exactly-once' },
  ...{ markerPrefix: name, stagedBytesMax: 2 ** 24, ...options },
})
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as unknown

type Given = Partial<RedisSinkOptions> & {
  readonly attempt?: number
  readonly index?: number
  readonly connection?: ReturnType<typeof redisConnection>
  readonly key?: (value: unknown) => string
  readonly onError?: 'skip'
}

function contextOf({ attempt = 1, index = 0, connection = redisConnection(), key, onError, ...options }: Given) {
  const checkpoints = { lineage: 'a', attempt, isDurable: true, intervalMs: 1_000, timeoutMs: 60_000 }
  return sinkContext({
    options: optionsOf(options),
    ...{ connection, checkpoints, subtask: { index, parallelism: 3 } },
    functions: { key: key ?? (() => `${name}list:0`), value: (value: unknown) => value },
    ...(onError && { onError }),
  })
}
const sinkOf = (given: Given = {}) => new RedisSink(contextOf(given))
const nothing = { prepared: [], isCommitted: true, subtasks: [0] }

async function opened(given: Given = {}): Promise<RedisSink> {
  const sink = sinkOf(given)
  await sink.open()
  await sink.commits!.resume(nothing)
  return sink
}

async function numbers(): Promise<number[]> {
  const keys = await redis.keys(`${name}list:*`)
  return (await Promise.all(keys.map((key) => redis.lrange(key, 0, -1)))).flat().map(Number)
}

needs('redis')('redis sink that writes exactly once', () => {
  beforeAll(() => void (redis = new Redis(services().redisUrl)))
  beforeEach(() => void (name = `${uniqueName('sink')}:`))
  afterEach(async () => {
    const keys = await redis.keys(`${name}*`)
    if (keys.length > 0) await redis.del(...keys)
  })
  afterAll(() => redis.quit())

  describeExactlyOnce('redis', () => ({
    target: { kind: 'redis', connection: redisConnection(), options: { ...optionsOf(), prefix: name } },
    read: numbers,
    requests: 16,
  }))

  describe.each(['set', 'hash'] as const)('%s of a changelog', (command) => {
    describeChangelogContract(`redis ${command}, exactly once`, () => ({
      async create() {
        const keys = await redis.keys(`${name}*`)
        if (keys.length > 0) await redis.del(...keys)
        const context = contextOf({ command, key: (row) => `${name}list:${(row as TestRow).id}` })
        const value = ({ n }: TestRow) => (command === 'set' ? n : { n })
        const operator = { ...context.operator, functions: { ...context.operator.functions, value } }
        return committingWriter(new RedisSink({ ...context, operator }))
      },
      async read() {
        const rows = new Map<string, number>()
        for (const key of await redis.keys(`${name}list:*`)) {
          const n = command === 'set' ? await redis.get(key) : await redis.hget(key, 'n')
          rows.set(key.slice(name.length + 5), Number(n))
        }
        return rows
      },
      runs: 40,
    }))
  })

  it.each(['set', 'hash', 'list', 'stream'] as const)(
    'writes by %s once its checkpoint is committed',
    async (command) => {
      const sink = await opened({ command, ttlMs: 60_000 })
      const key = `${name}list:0`
      await sink.write(command === 'set' || command === 'list' ? ['ä😀', '2'] : [{ a: 'ä😀' }, { a: 2, b: 3 }])
      await sink.commits!.prepare(1)
      expect(await redis.exists(key)).toBe(0)
      await sink.commits!.commit(1)
      await sink.close()
      const found = {
        set: () => redis.get(key),
        hash: () => redis.hgetall(key),
        list: () => redis.lrange(key, 0, -1),
        stream: async () => (await redis.xrange(key, '-', '+')).map(([, fields]) => fields),
      }
      const expected = {
        set: '2',
        hash: { a: '2', b: '3' },
        list: ['ä😀', '2'],
        stream: [
          ['a', 'ä😀'],
          ['a', '2', 'b', '3'],
        ],
      }
      expect(await found[command]()).toEqual(expected[command])
      const left = await redis.pttl(key)
      expect(left > 0 && left <= 60_000).toBe(true)
    },
  )

  it('writes what is larger than one argument of the script, and hashes of many fields', async () => {
    const sink = await opened({ command: 'hash' })
    const fields = Object.fromEntries(Array.from({ length: 9_001 }, (_, at) => [`f${at}`, 'x'.repeat(300)]))
    await sink.write([fields, { last: 1 }])
    await sink.commits!.prepare(1)
    await sink.commits!.commit(1)
    await sink.close()
    expect(await redis.hlen(`${name}list:0`)).toBe(9_002)
  })

  it('takes the changes of a changelog, fields that are gone among them', async () => {
    const sink = await opened({ command: 'hash' })
    await sink.write([{ a: 1, b: 2 }], [], ['insert'])
    await sink.write([{ a: 1, b: 2 }, { a: 3 }], [], ['updateBefore', 'updateAfter'])
    await sink.commits!.prepare(1)
    await sink.commits!.commit(1)
    expect(await redis.hgetall(`${name}list:0`)).toEqual({ a: '3' })
    await sink.write([{ a: 3 }], [], ['delete'])
    await sink.commits!.prepare(2)
    await sink.commits!.commit(2)
    expect(await redis.exists(`${name}list:0`)).toBe(0)
    await sink.close()
  })

  it('has everything once where connections are cut in mid-commit', async () => {
    const proxy = await TcpProxy.listen({ to: redisPlace() })
    const connection = redisConnection({ host: '127.0.0.1', port: proxy.port })
    await runAttempt({
      ...{ log: new MemoryLog(), parallelism: 2, recordsTotal: 3_000, recordsPerCheckpoint: 100 },
      recordOf: (index) => index,
      createWriter: (index, { attempt }) => sinkOf({ connection, index, attempt }),
      isAborted(checkpoint) {
        if (checkpoint % 3 === 0)
          setTimeout(
            () => {
              proxy.cut()
              setTimeout(() => proxy.heal(), 50)
            },
            (checkpoint % 4) / 2,
          )
        return false
      },
    })
    await proxy.close()
    expect((await numbers()).sort((a, b) => a - b)).toEqual(Array.from({ length: 3_000 }, (_, n) => n))
    expect(proxy.connections).toBeGreaterThan(5)
  }, 60_000)

  it('writes nothing where a key holds another type, names it, and writes all of it once that is mended', async () => {
    const key = (value: unknown) => `${name}list:${String(value)}`
    await redis.set(key(3), 'text')
    const sink = await opened({ key })
    await sink.write([1, 2, 3, 4])
    const output = await sink.commits!.prepare(1)
    await expect(sink.commits!.commit(1)).rejects.toEqual(failing('LF_SINK_COMMIT_REFUSED', key(3)))
    await sink.close()
    expect(await redis.keys(`${name}list:*`)).toEqual([key(3)])
    await redis.del(key(3))
    const next = sinkOf({ key, attempt: 2 })
    await next.open()
    const prepared = [{ subtask: 0, attempt: 1, checkpoint: 1, output }]
    await next.commits!.resume({ prepared, isCommitted: false, subtasks: [0] })
    await next.close()
    expect((await numbers()).sort()).toEqual([1, 2, 3, 4])
  })

  it("leaves out keys of another type where onError is 'skip', and logs each", async () => {
    const key = (value: unknown) => `${name}list:${String(value)}`
    const wrong = Array.from({ length: 1_500 }, (_, n) => n + 10)
    await redis.mset(wrong.flatMap((n) => [key(n), 'text']))
    const context = contextOf({ key, onError: 'skip' })
    const sink = new RedisSink(context)
    await sink.open()
    await sink.commits!.resume(nothing)
    await sink.write([1, ...wrong, 2, 10])
    await sink.commits!.prepare(1)
    await sink.commits!.commit(1)
    await sink.close()
    expect(await redis.get(key(10))).toBe('text')
    await redis.del(wrong.map(key))
    expect((await numbers()).sort()).toEqual([1, 2])
    expect(context.heard.rejected).toHaveLength(1_500)
    expect(context.heard.log.filter((line) => line.includes(key(1_509)))).toHaveLength(1)
  })

  it('fences a former attempt, and says that output is lost where the marker is gone', async () => {
    const [old, young] = [await opened({ attempt: 4 }), await opened({ attempt: 5 })]
    for (const sink of [old, young]) {
      await sink.write([1])
      await sink.commits!.prepare(1)
    }
    await expect(old.commits!.commit(1)).rejects.toEqual(failing('LF_ATTEMPT_FENCED'))
    await expect(old.commits!.resume(nothing)).rejects.toEqual(failing('LF_ATTEMPT_FENCED'))
    expect(await numbers()).toEqual([])
    await redis.del(...(await redis.keys(`${name}marker*`)))
    await expect(young.commits!.commit(1)).rejects.toEqual(failing('LF_SINK_COMMIT_LOST'))
    expect(await numbers()).toEqual([])
    for (const sink of [old, young]) await sink.close()
  })

  it('wants a primary that throws no keys away, and warns where it keeps no append-only file', async () => {
    const own = await startRedis()
    const { hostname, port } = new URL(own.address)
    const connection = redisConnection({ host: hostname, port: Number(port) })
    const client = new Redis(own.address)
    const open = async () => {
      const context = contextOf({ connection })
      const sink = new RedisSink(context)
      try {
        await sink.open()
      } finally {
        await sink.close()
      }
      return context.heard.log
    }
    expect(await open()).toEqual([expect.stringContaining('append-only')])
    await client.config('SET', 'appendonly', 'yes')
    expect(await open()).toEqual([])
    await client.config('SET', 'maxmemory', '1gb')
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
    await expect(open()).rejects.toEqual(failing('LF_REDIS_SERVER', 'allkeys-lru'))
    await client.config('SET', 'maxmemory-policy', 'noeviction')
    // Of nothing that is there: its role alone matters.
    await client.replicaof('127.0.0.1', 1)
    await expect(open()).rejects.toEqual(failing('LF_REDIS_SERVER', 'not the primary'))
    await client.replicaof('NO', 'ONE')
    await client.quit()
    await own.stop()
  })
})
