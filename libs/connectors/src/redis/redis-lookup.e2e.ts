import type { LookupFunctions } from '@lightflus/api'
import { needs, services, uniqueName } from '@lightflus/testing/services'
import { Redis } from 'ioredis'
import { describeLookupContract } from '../testing/lookup-contract.ts'
import { redisConnection, redisPlace } from '../testing/service-connections.ts'
import { lookupContext } from '../testing/test-context.ts'
import { RedisLookup } from './redis-lookup.ts'

let redis: Redis
/** Prefix of this test's keys. */
let name: string

const prefixed: LookupFunctions['connector'] = { key: (key) => `${name}:${key}` }

async function find(
  command: 'get' | 'hash',
  keys: readonly (string | number)[],
  functions: LookupFunctions['connector'] = prefixed,
): Promise<readonly unknown[]> {
  const lookup = new RedisLookup(lookupContext({ options: { command }, connection: redisConnection(), functions }))
  try {
    await lookup.open()
    return await lookup.find(keys)
  } finally {
    await lookup.close()
  }
}

needs('redis')('redis lookup', () => {
  beforeAll(() => void (redis = new Redis(services().redisUrl)))
  beforeEach(() => void (name = uniqueName('lookup')))
  afterEach(async () => {
    const keys = await redis.keys(`${name}*`)
    if (keys.length > 0) await redis.del(...keys)
  })
  afterAll(() => redis.quit())

  it('takes what it is asked for as the key, if not told otherwise', async () => {
    await redis.set(`${name}:a`, 'text ä')
    expect(await find('get', [`${name}:a`], {})).toEqual(['text ä'])
  })

  it('finds no text where a key holds something else, and ends where it holds no hash', async () => {
    await redis.rpush(`${name}:list`, 'x')
    await redis.set(`${name}:empty`, '')
    expect(await find('get', ['list', 'empty'])).toEqual([null, ''])
    await expect(find('hash', ['list'])).rejects.toMatchObject({
      code: 'LF_REDIS_TYPE',
      message: expect.stringContaining(`${name}:list`) as string,
    })
  })

  it('says so when the function of keys yields none', async () => {
    await expect(find('get', ['a'], { key: () => '' })).rejects.toMatchObject({ code: 'LF_USER_RESULT' })
    const broken = () => {
      throw new Error('broken')
    }
    await expect(find('get', ['a'], { key: broken })).rejects.toMatchObject({ code: 'LF_USER_FUNCTION' })
  })

  it('says so when the database is not there', async () => {
    const connection = redisConnection({ database: 60_000 })
    const lookup = new RedisLookup(lookupContext({ options: { command: 'get' }, connection }))
    await expect(lookup.open()).rejects.toMatchObject({ code: 'LF_CONNECTION_TARGET' })
    await lookup.close()
  })

  describe.each(['get', 'hash'] as const)('by %s', (command) => {
    const fieldsOf = (id: number) => ({ id: String(id), name: `name ${id}` })
    describeLookupContract(`redis ${command}`, () => ({
      create: (connection, signal) =>
        new RedisLookup(
          lookupContext({ options: { command }, connection, functions: prefixed, ...(signal && { signal }) }),
        ),
      connectionTo: redisConnection,
      target: redisPlace,
      async put(ids) {
        const pipeline = redis.pipeline()
        for (const id of ids)
          if (command === 'get') pipeline.set(`${name}:${id}`, `value ${id}`)
          else pipeline.hset(`${name}:${id}`, fieldsOf(id))
        await pipeline.exec()
      },
      foundOf: (id) => (command === 'get' ? `value ${id}` : fieldsOf(id)),
      refused: () => redisConnection({ username: 'nobody', password: 'hunter2' }),
    }))
  })
})
