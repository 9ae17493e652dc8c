import { Redis } from 'ioredis'
import type { ResolvedConnection } from '@lightflus/engine'
import type { SinkFunctions } from '@lightflus/api'
import { freePort, needs, services, uniqueName, until } from '@lightflus/testing/services'
import { describeSinkContract, failingOn, type TestRecord } from '../testing/sink-contract.ts'
import { sinkContext } from '../testing/test-context.ts'
import { TcpProxy } from '../testing/tcp-proxy.ts'
import { redisConnector } from './redis-connector.ts'
import { RedisSink } from './redis-sink.ts'

const connectionTo = (options: ResolvedConnection['options'] = {}): ResolvedConnection => {
  const { hostname, port } = new URL(services().redisUrl)
  return { name: 'cache', kind: 'redis', options: { host: hostname, port: Number(port), ...options } }
}
const sinkOf = (
  command: 'set' | 'hash' | 'list' | 'stream',
  functions: SinkFunctions,
  connection = connectionTo(),
  ttlMs: number | null = null,
) => new RedisSink(sinkContext({ options: { command, ttlMs }, functions, connection }))
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })
const tested = (connection: ResolvedConnection) =>
  redisConnector.testConnection!(connection, AbortSignal.timeout(20_000))

needs('redis')('redis sink', () => {
  let redis: Redis
  beforeAll(() => void (redis = new Redis(services().redisUrl)))
  afterAll(() => redis.quit())

  it('sets fields of a hash, appends to lists and streams, and lets keys expire', async () => {
    const name = uniqueName('k')
    const write = async (command: 'set' | 'hash' | 'list' | 'stream', value: unknown, ttlMs: number | null = null) => {
      const sink = sinkOf(command, { key: () => `${name}:${command}`, value: () => value }, connectionTo(), ttlMs)
      await sink.open()
      await sink.write([0, 1])
      await sink.flush()
      await sink.close()
    }
    await write('hash', { a: 1, b: 'x' })
    await write('list', 'v')
    await write('stream', { a: 1 })
    await write('set', 'gone soon', 60_000)
    expect(await redis.hgetall(`${name}:hash`)).toEqual({ a: '1', b: 'x' })
    expect(await redis.lrange(`${name}:list`, 0, -1)).toEqual(['v', 'v'])
    expect((await redis.xrange(`${name}:stream`, '-', '+')).map(([, fields]) => fields)).toEqual([
      ['a', '1'],
      ['a', '1'],
    ])
    expect(await redis.pttl(`${name}:set`)).toBeGreaterThan(0)
    expect(await redis.pttl(`${name}:list`)).toBe(-1)
  })

  it('names the key that holds another type', async () => {
    const key = uniqueName('k')
    await redis.set(key, 'text')
    const sink = sinkOf('list', { key: () => key, value: () => 'v' })
    await sink.open()
    await sink.write([0])
    await expect(sink.flush()).rejects.toEqual(failing('LF_REDIS_TYPE', `Key '${key}'`))
    await sink.close()
  })

  it('ends with a typed error when the server goes away in mid-run, and never hangs', async () => {
    const { hostname, port } = new URL(services().redisUrl)
    const proxy = await TcpProxy.listen({ to: { host: hostname, port: Number(port) } })
    const sink = sinkOf(
      'set',
      { key: () => uniqueName('k'), value: () => 1 },
      connectionTo({ host: '127.0.0.1', port: proxy.port }),
    )
    await sink.open()
    await sink.write([0])
    await sink.flush()
    await proxy.close()
    const lost = await until(
      async () => {
        try {
          await sink.write([1])
          return await sink.flush()
        } catch (error) {
          return error
        }
      },
      { what: 'the loss to be noticed' },
    )
    expect(lost).toEqual(failing('LF_CONNECTION_LOST'))
    await sink.close()
  })

  it('says what is wrong with a connection', async () => {
    expect(await tested(connectionTo())).toEqual({ summary: expect.stringMatching(/^Redis \d/) })
    await expect(tested(connectionTo({ port: await freePort() }))).rejects.toEqual(failing('LF_CONNECTION_REFUSED'))
    await expect(tested(connectionTo({ host: 'no-such-host.invalid' }))).rejects.toEqual(failing('LF_CONNECTION_DNS'))
    await expect(tested(connectionTo({ database: 9_999 }))).rejects.toEqual(failing('LF_CONNECTION_TARGET'))
    await expect(tested(connectionTo({ tls: true }))).rejects.toEqual(failing('LF_CONNECTION_TLS'))
  })

  it('says that a password is wrong or missing, without repeating it', async () => {
    const user = uniqueName('u')
    await redis.call('ACL', 'SETUSER', user, 'on', '>right', '~*', '+@all')
    const wrong = tested(connectionTo({ username: user, password: 'hunter2' }))
    await expect(wrong).rejects.toEqual(failing('LF_CONNECTION_AUTH'))
    await expect(wrong).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') as string }),
    )
    await expect(tested(connectionTo({ username: user, password: 'right' }))).resolves.toBeDefined()
    await redis.call('ACL', 'DELUSER', user)
  })

  let list: string
  beforeEach(() => void (list = uniqueName('list')))
  describeSinkContract('redis', () => ({
    create: ({ onError, failOn }) => {
      const functions = { key: () => list, value: failingOn(failOn, (record: TestRecord) => record.id) }
      const context = sinkContext({
        options: { command: 'list', ttlMs: null },
        functions,
        connection: connectionTo(),
        onError,
      })
      return { writer: new RedisSink(context), context }
    },
    readIds: async () => (await redis.lrange(list, 0, -1)).map(Number),
    unansweredMax: 3_000,
  }))
})
