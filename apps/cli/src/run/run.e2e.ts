import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, needs, services, uniqueName, until } from '@lightflus/testing/services'
import { Redis } from 'ioredis'
import { Kafka, logLevel, type Admin } from 'kafkajs'
import { ProgramFolder, parsedLines } from '../testing/programs.ts'

// Goal: `lightflus run` counts words from a real topic into a real Redis, and says what is wrong with what is outside.

const example = join(import.meta.dirname, '..', '..', '..', '..', 'examples', 'word-count.ts')

needs('kafka', 'redis')('run, with real systems', () => {
  const name = uniqueName('run')
  let folder: ProgramFolder
  let kafka: Kafka
  let admin: Admin
  let redis: Redis

  beforeAll(async () => {
    kafka = new Kafka({ brokers: [services().kafkaBootstrap], logLevel: logLevel.NOTHING })
    admin = kafka.admin()
    redis = new Redis(services().redisUrl)
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: name, numPartitions: 2 }] })
    folder = await ProgramFolder.make()
    const program = await readFile(example, 'utf8')
    await folder.write({
      'word-count.ts': program.replace("topic: 'lines'", `topic: '${name}'`).replace('`count:', `\`${name}:`),
      'unknown-topic.ts': program.replace("topic: 'lines'", `topic: '${name}-gone'`),
    })
  })
  afterAll(async () => {
    await Promise.all([admin?.disconnect(), redis?.quit(), folder?.remove()])
  })

  const environment = () => ({
    LIGHTFLUS_CONNECTION_KAFKA: `kafka://${services().kafkaBootstrap}`,
    LIGHTFLUS_CONNECTION_REDIS: services().redisUrl,
  })

  it('three times hello and three times world give hello=3 and world=3; Ctrl-C ends it well', async () => {
    const producer = kafka.producer()
    await producer.connect()
    const values = ['hello world', 'Hello, world!', 'world hello']
    await producer.send({ topic: name, messages: values.map((value) => ({ value })) })
    await producer.disconnect()
    const interruption = new AbortController()
    let out = ''
    const run = folder.command(['run', 'word-count.ts', '--parallelism', '2', '-o', 'json'], {
      environment: environment(),
      out: (text) => void (out += text),
      interrupted: interruption.signal,
    })
    const counts = () => redis.mget(`${name}:hello`, `${name}:world`)
    try {
      await until(async () => (await counts()).join() === '3,3', { what: 'hello=3 and world=3 in Redis' })
    } finally {
      interruption.abort()
    }
    expect(await run).toMatchObject({ code: 0 })
    expect(await counts()).toEqual(['3', '3'])
    expect(parsedLines(out).at(-1)).toMatchObject({ state: 'DRAINED', recordsIn: 3, recordsOut: 6 })
  })

  const failure = async (program: string, world: Readonly<Record<string, string>>) => {
    const { code, err } = await folder.run([program, '--no-check'], { environment: { ...environment(), ...world } })
    return { exitCode: code, ...(JSON.parse(err) as { code: string; message: string; nextStep: string }) }
  }

  it('an unknown topic is named', async () => {
    const { exitCode, code, message, nextStep } = await failure('unknown-topic.ts', {})
    expect({ exitCode, code }).toEqual({ exitCode: 1, code: 'LF_CONNECTION_TARGET' })
    expect(message).toContain(`${name}-gone`)
    expect(nextStep).not.toBe('')
  })

  it('a wrong password is told apart, and not shown', async () => {
    const url = new URL(services().redisUrl)
    url.password = 'not-the-password'
    const { code, message } = await failure('word-count.ts', { LIGHTFLUS_CONNECTION_REDIS: url.href })
    expect(code).toBe('LF_CONNECTION_AUTH')
    expect(message).not.toContain('not-the-password')
  })

  it('a broker that nobody can reach is told while the run keeps trying', async () => {
    const interruption = new AbortController()
    let out = ''
    const run = folder.command(['run', 'word-count.ts', '--no-check', '-o', 'json'], {
      environment: { ...environment(), LIGHTFLUS_CONNECTION_KAFKA: `kafka://127.0.0.1:${await freePort()}` },
      out: (text) => void (out += text),
      interrupted: interruption.signal,
      interruptedAgain: interruption.signal,
    })
    await until(() => out.includes('LF_CONNECTION_REFUSED'), { what: 'the refusal to be told' })
    interruption.abort()
    expect((await run).code).not.toBe(0)
  })
})
