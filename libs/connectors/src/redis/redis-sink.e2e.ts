import type { Json, SinkFunctions } from '@lightflus/api'
import type { ResolvedConnection } from '@lightflus/engine'
import { freePort, needs, services, startRedis, uniqueName } from '@lightflus/testing/services'
import { Redis } from 'ioredis'
import { describeChangelogContract } from '../testing/changelog-contract.ts'
import type { TestRow } from '../testing/random-changelog.ts'
import { describeSinkContract, failingOn, type TestRecord } from '../testing/sink-contract.ts'
import { redisConnection, redisPlace } from '../testing/service-connections.ts'
import { TcpProxy } from '../testing/tcp-proxy.ts'
import { testCertificate, testKey } from '../testing/test-certificate.ts'
import { sinkContext } from '../testing/test-context.ts'
import type { RedisSinkOptions } from './redis-command.ts'
import { redisConnector } from './redis-connector.ts'
import { RedisSink } from './redis-sink.ts'

let redis: Redis
/** Prefix of this run's keys. */
let name: string

const contextOf = (options: Partial<RedisSinkOptions>, functions: SinkFunctions, connection = redisConnection()) =>
  sinkContext({
    options: { command: 'set', ttlMs: null, delivery: 'at-least-once', ...options },
    functions,
    connection,
  })
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })
const tested = (connection: ResolvedConnection) =>
  redisConnector.testConnection!(connection, AbortSignal.timeout(20_000))

async function writeAll(
  options: Partial<RedisSinkOptions>,
  values: readonly unknown[],
  key = `${name}:${options.command}`,
  connection = redisConnection(),
): Promise<void> {
  const sink = new RedisSink(contextOf(options, { key: () => key, value: (value) => value }, connection))
  try {
    await sink.open()
    await sink.write(values)
    await sink.flush()
  } finally {
    await sink.close()
  }
}

needs('redis')('redis sink', () => {
  beforeAll(() => void (redis = new Redis(services().redisUrl)))
  beforeEach(() => void (name = uniqueName('sink')))
  afterEach(async () => {
    const keys = await redis.keys(`${name}*`)
    if (keys.length > 0) await redis.del(...keys)
  })
  afterAll(() => redis.quit())

  it('sets keys and fields of hashes, and appends to lists and streams', async () => {
    await writeAll({ command: 'set' }, ['old', 'new ä'])
    await writeAll({ command: 'hash' }, [{ a: 1, b: 'x' }, { a: 2n }])
    await writeAll({ command: 'list' }, ['v', 5, true])
    await writeAll({ command: 'stream' }, [{ a: 1 }, { a: 2, b: 'x' }])
    expect(await redis.get(`${name}:set`)).toBe('new ä')
    expect(await redis.hgetall(`${name}:hash`)).toEqual({ a: '2', b: 'x' })
    expect(await redis.lrange(`${name}:list`, 0, -1)).toEqual(['v', '5', 'true'])
    expect((await redis.xrange(`${name}:stream`, '-', '+')).map(([, fields]) => fields)).toEqual([
      ['a', '1'],
      ['a', '2', 'b', 'x'],
    ])
    for (const command of ['set', 'hash', 'list', 'stream']) expect(await redis.pttl(`${name}:${command}`)).toBe(-1)
  })

  it('lets keys expire, whatever they hold', async () => {
    for (const command of ['set', 'hash', 'list', 'stream'] as const) {
      await writeAll({ command, ttlMs: 60_000 }, [command === 'set' || command === 'list' ? 'v' : { a: 1 }])
      const left = await redis.pttl(`${name}:${command}`)
      expect(left > 0 && left <= 60_000).toBe(true)
    }
  })

  it('writes to the database that the connection names', async () => {
    await writeAll({ command: 'set' }, ['v'], `${name}:3`, redisConnection({ database: 3 }))
    expect(await redis.get(`${name}:3`)).toBeNull()
    await redis.select(3)
    expect(await redis.getdel(`${name}:3`)).toBe('v')
    await redis.select(0)
  })

  it('names the key that holds another type', async () => {
    await redis.set(`${name}:list`, 'text')
    await expect(writeAll({ command: 'list' }, ['v'])).rejects.toEqual(failing('LF_REDIS_TYPE', `${name}:list`))
  })

  it('says that the memory is full', async () => {
    const own = await startRedis()
    const { hostname, port } = new URL(own.address)
    const connection = redisConnection({ host: hostname, port: Number(port) })
    const client = new Redis(own.address)
    await client.config('SET', 'maxmemory', '1')
    await client.quit()
    await expect(writeAll({ command: 'set' }, ['v'], 'a', connection)).rejects.toEqual(failing('LF_REDIS_MEMORY'))
    await own.stop()
  })

  describe('whose connection breaks in mid-run', () => {
    it('is made again, in order and without loss', async () => {
      const proxy = await TcpProxy.listen({ to: redisPlace() })
      const functions: SinkFunctions = { key: (at: number) => `${name}:${at % 10}`, value: (at) => at }
      const sink = new RedisSink(contextOf({}, functions, redisConnection({ host: '127.0.0.1', port: proxy.port })))
      await sink.open()
      for (let at = 0; at < 40; at++) {
        await sink.write(Array.from({ length: 100 }, (_, index) => at * 100 + index))
        if (at % 10 === 5) {
          proxy.cut()
          setTimeout(() => proxy.heal(), 300)
        }
        await sink.flush()
      }
      const values = await redis.mget(Array.from({ length: 10 }, (_, at) => `${name}:${at}`))
      expect(values).toEqual(Array.from({ length: 10 }, (_, at) => String(3_990 + at)))
      await sink.close()
      await proxy.close()
    }, 30_000)

    it('fails as lost when it stays away or hangs, which a restart may heal', async () => {
      const [cut, stalled] = [await TcpProxy.listen({ to: redisPlace() }), await TcpProxy.listen({ to: redisPlace() })]
      const sinkTo = (proxy: TcpProxy) =>
        new RedisSink(
          contextOf(
            {},
            { key: () => `${name}:a`, value: () => 1 },
            redisConnection({ host: '127.0.0.1', port: proxy.port }),
          ),
        )
      const sinks = [sinkTo(cut), sinkTo(stalled)]
      for (const sink of sinks) await sink.open()
      cut.cut()
      stalled.stall()
      const failures = await Promise.all(
        sinks.map(async (sink) => {
          await sink.write([1])
          return sink.flush().catch((thrown: unknown) => thrown as { retry: boolean })
        }),
      )
      for (const failure of failures) {
        expect(failure).toEqual(failing('LF_CONNECTION_LOST', 'has not answered for'))
        expect(failure).toHaveProperty('retry', true)
      }
      for (const sink of sinks) await sink.close()
      for (const proxy of [cut, stalled]) await proxy.close()
    }, 90_000)

    it('does not hold up closing, nor an attempt that is aborted', async () => {
      const proxy = await TcpProxy.listen({ to: redisPlace() })
      const ending = new AbortController()
      const functions: SinkFunctions = { key: () => `${name}:a`, value: () => 1 }
      const connection = redisConnection({ host: '127.0.0.1', port: proxy.port })
      const aborted = new RedisSink({ ...contextOf({}, functions, connection), signal: ending.signal })
      const closed = new RedisSink(contextOf({}, functions, connection))
      for (const sink of [aborted, closed]) await sink.open()
      proxy.cut()
      const flushes = [aborted, closed].map(async (sink) => {
        await sink.write([1])
        return sink.flush().catch((thrown: unknown) => thrown)
      })
      ending.abort()
      await closed.close()
      for (const outcome of await Promise.all(flushes)) expect(outcome).toHaveProperty('message')
      await aborted.close()
      await proxy.close()
    })
  })

  describe('connection', () => {
    it('tells what answered', async () => {
      expect((await tested(redisConnection())).summary).toMatch(/^Redis \d+\.\d+\S*, database 0$/)
    })

    const cases: readonly [string, () => Promise<ResolvedConnection>, string, string][] = [
      [
        'a port where nothing listens',
        async () => redisConnection({ port: await freePort() }),
        'LF_CONNECTION_REFUSED',
        'nothing accepts',
      ],
      [
        'an unknown host',
        async () => redisConnection({ host: 'no-such-host.invalid' }),
        'LF_CONNECTION_DNS',
        'no-such-host.invalid',
      ],
      [
        'a database that is not there',
        async () => redisConnection({ database: 9_999 }),
        'LF_CONNECTION_TARGET',
        'no database',
      ],
      ['TLS where there is none', async () => redisConnection({ tls: true }), 'LF_CONNECTION_TIMEOUT', 'or not in TLS'],
      [
        'a password where none is known',
        async () => redisConnection({ password: 'hunter2' }),
        'LF_CONNECTION_AUTH',
        '',
      ],
      [
        'an unknown user',
        async () => redisConnection({ username: 'nobody', password: 'hunter2' }),
        'LF_CONNECTION_AUTH',
        '',
      ],
      ['no host', async () => ({ ...redisConnection(), options: {} }), 'LF_CONNECTION_OPTION', "'host'"],
      ['a port that is none', async () => redisConnection({ port: 70_000 }), 'LF_CONNECTION_OPTION', "'port'"],
    ]
    it.each(cases)('with %s is refused with a code that says so', async (_name, connection, code, message) => {
      const error = await tested(await connection()).catch((thrown: unknown) => thrown)
      expect(error).toEqual(failing(code, message))
      expect(JSON.stringify(error)).not.toContain('hunter2')
    })

    it('signs in, and says so when the user may not do what the sink does', async () => {
      const user = name
      await redis.call('ACL', 'SETUSER', user, 'on', '>right', '~*', '+@all', '-hset')
      const signedIn = redisConnection({ username: user, password: 'right' })
      await tested(signedIn)
      await writeAll({ command: 'set' }, ['v'], `${name}:set`, signedIn)
      await expect(writeAll({ command: 'hash' }, [{ a: 1 }], `${name}:hash`, signedIn)).rejects.toEqual(
        failing('LF_CONNECTION_AUTH', `${name}:hash`),
      )
      await expect(tested(redisConnection({ username: user, password: 'hunter2' }))).rejects.toEqual(
        failing('LF_CONNECTION_AUTH'),
      )
      await redis.call('ACL', 'DELUSER', user)
    })

    it('over TLS trusts the certificate that it is told to trust, and no other', async () => {
      const proxy = await TcpProxy.listen({ to: redisPlace(), tls: { cert: testCertificate, key: testKey } })
      const to = (tls: Json) => redisConnection({ host: 'localhost', port: proxy.port, tls })
      await tested(to({ ca: testCertificate }))
      await tested(to({ rejectUnauthorized: false }))
      await expect(tested(to(true))).rejects.toEqual(failing('LF_CONNECTION_TLS', 'not trusted'))
      await proxy.close()
    })
  })

  it('takes fields out of a hash that its new row lacks', async () => {
    const functions = { key: () => `${name}:hash`, value: (value: object) => value }
    const sink = new RedisSink(contextOf({ command: 'hash' }, functions))
    await sink.open()
    await sink.write([{ a: 1, b: 2, c: 3 }])
    const rows = [
      { a: 1, b: 2, c: 3 },
      { a: 2, c: 'b' },
    ]
    await sink.write(rows, [], ['updateBefore', 'updateAfter'])
    await sink.flush()
    await sink.close()
    expect(await redis.hgetall(`${name}:hash`)).toEqual({ a: '2', c: 'b' })
  })

  it('rejects a record of a changelog whose key or value is none', async () => {
    const functions = { key: ({ key }: { key: unknown }) => key, value: ({ value }: { value: unknown }) => value }
    const context = sinkContext({
      options: { command: 'set', ttlMs: null, delivery: 'at-least-once' },
      functions,
      connection: redisConnection(),
      onError: 'skip',
    })
    const sink = new RedisSink(context)
    await sink.open()
    const rows = [
      { key: '', value: 1 },
      { key: `${name}:a`, value: {} },
      { key: `${name}:b`, value: 1 },
    ]
    await sink.write(rows, [], ['delete', 'insert', 'insert'])
    await sink.flush()
    await sink.close()
    expect(context.heard.rejected).toEqual([failing('LF_SINK_VALUE', 'key'), failing('LF_SINK_VALUE', 'value')])
    expect(await redis.get(`${name}:b`)).toBe('1')
  })

  describe.each(['set', 'hash'] as const)('%s of a changelog', (command) => {
    const value = ({ n }: TestRow) => (command === 'set' ? n : { n })
    describeChangelogContract(`redis ${command}`, () => ({
      async create() {
        const keys = await redis.keys(`${name}*`)
        if (keys.length > 0) await redis.del(...keys)
        return new RedisSink(contextOf({ command }, { key: ({ id }: TestRow) => `${name}:${id}`, value }))
      },
      async read() {
        const rows = new Map<string, number>()
        for (const key of await redis.keys(`${name}:*`)) {
          const n = command === 'set' ? await redis.get(key) : await redis.hget(key, 'n')
          rows.set(key.slice(name.length + 1), Number(n))
        }
        return rows
      },
      runs: 40,
    }))
  })

  describeSinkContract('redis', () => ({
    create: ({ onError, failOn }) => {
      const functions = { key: () => `${name}:ids`, value: failingOn(failOn, ({ id }: TestRecord) => id) }
      const options = { command: 'list', ttlMs: null, delivery: 'at-least-once' }
      const context = sinkContext({ options, functions, connection: redisConnection(), onError })
      return { writer: new RedisSink(context), context }
    },
    readIds: async () => (await redis.lrange(`${name}:ids`, 0, -1)).map(Number),
    unansweredMax: 3_000,
  }))
})
