import { execFileSync } from 'node:child_process'
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  freePort,
  needs,
  readCommitted,
  services,
  temporaryFolder,
  uniqueName,
  until,
} from '@lightflus/testing/services'
import { Redis } from 'ioredis'
import { Kafka, logLevel, type Admin, type Producer } from 'kafkajs'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { TestPlatform } from './testing/platform.ts'

interface JobView {
  readonly deployment: {
    readonly id: string
    readonly status: { readonly state: string; readonly attempt: number; readonly workers: readonly object[] }
  } | null
}

// Goal: what the README promises, as a person sees it: one command starts everything, the examples do on the platform
// what they say, against real systems, and neither a kill nor a stop loses anything.
needs(
  'kafka',
  'redis',
  'mysql',
)('the platform, from one command', () => {
  const folder = temporaryFolder('platform')
  const name = uniqueName('p')
  const [lines, orders, large, table] = [`${name}-lines`, `${name}-orders`, `${name}-large`, name.replaceAll('-', '_')]
  let platform: TestPlatform
  let kafka: Kafka
  let admin: Admin
  let producer: Producer
  let redis: Redis
  let mysql: Connection

  beforeAll(async () => {
    kafka = new Kafka({ brokers: [services().kafkaBootstrap], logLevel: logLevel.NOTHING })
    admin = kafka.admin()
    producer = kafka.producer()
    redis = new Redis(services().redisUrl)
    await Promise.all([admin.connect(), producer.connect()])
    mysql = await createConnection(services().mysqlUrl)
    await mysql.query(
      `CREATE TABLE ${table} (user VARCHAR(40), minute DATETIME, orders INT, spent DOUBLE, PRIMARY KEY (user, minute))`,
    )
    await admin.createTopics({ topics: [lines, orders, large].map((topic) => ({ topic, numPartitions: 2 })) })
    // Where the tests run as root, Postgres runs as another user, who must get to its data.
    await chmod(folder.path, 0o711)
    platform = new TestPlatform(folder.path, await freePort())
    await platform.start()
    await platform.signIn()
  })

  afterAll(async () => {
    await platform?.stop()
    await Promise.all([producer?.disconnect(), admin?.disconnect(), mysql?.end(), redis?.quit()])
    await folder.remove()
  })

  const state = async (job: string) => (await platform.json<JobView>(['get', 'job', job])).deployment!.status.state
  const counted = (word: string) => redis.get(`${name}:${word}`)
  const send = (topic: string, values: readonly string[]) =>
    producer.send({ topic, messages: values.map((value) => ({ value })) })

  test('it prints the address, how to sign in and three commands; the example job runs on live input', async () => {
    expect(platform.printed).toContain(platform.url)
    expect(platform.printed.match(/npx lightflus /g)).toHaveLength(3)
    await until(async () => (await state('shop-live')) === 'RUNNING', { what: 'shop-live to run' })
    await until(async () => (await platform.json<unknown[]>(['rows', 'shop-live'])).length > 0, { what: 'result rows' })
    expect((await fetch(platform.url)).headers.get('content-type')).toContain('text/html')
  })

  test('connections are made, tested, and never shown with their secrets', async () => {
    await platform.command(['connections', 'set', 'kafka', '--url', `kafka://${services().kafkaBootstrap}`])
    await platform.command(['connections', 'set', 'mysql'], services().mysqlUrl)
    await platform.command(['connections', 'set', 'redis'], services().redisUrl)
    for (const connection of ['kafka', 'mysql', 'redis'])
      expect(await platform.command(['connections', 'test', connection])).toContain('ok')
    const password = new URL(services().mysqlUrl).password
    expect(await platform.command(['connections', 'list', '-o', 'json'])).not.toContain(`"password":"${password}"`)
    const wrongUrl = new URL(services().mysqlUrl)
    wrongUrl.password = 'not-the-password'
    await platform.command(['connections', 'set', 'wrong'], wrongUrl.href)
    const wrong = await platform.run(['connections', 'test', 'wrong'])
    expect(wrong.code).not.toBe(0)
    expect(wrong.err).toContain('LF_CONNECTION_AUTH')
    expect(wrong.err).not.toContain('not-the-password')
  })

  test('word count: three times hello and three times world are counted, also over a pause and a killed worker', async () => {
    const program = await platform.example('word-count.ts', { "'lines'": `'${lines}'`, '`count:': `\`${name}:` })
    await send(lines, ['hello world', 'Hello, world!', 'world hello'])
    await platform.command(['apply', '-f', program])
    await until(async () => (await counted('hello')) === '3' && (await counted('world')) === '3', {
      what: 'three of each',
    })

    await platform.command(['suspend', 'word-count'])
    expect(await state('word-count')).toBe('SUSPENDED')
    await send(lines, ['hello again'])
    await platform.command(['resume', 'word-count'])
    await until(async () => (await counted('hello')) === '4', { what: 'hello=4 after the pause' })

    const { attempt } = (await platform.json<JobView>(['get', 'job', 'word-count'])).deployment!.status
    killWorkers(folder.path)
    await send(lines, ['hello'])
    await until(async () => (await counted('hello')) === '5', { what: 'hello=5 after the kill', deadlineMs: 60_000 })
    expect(await counted('world')).toBe('3')
    // What the job writes may be seen before what its worker reports.
    const after = async () => (await platform.json<JobView>(['get', 'job', 'word-count'])).deployment!.status.attempt
    await until(async () => (await after()) > attempt, { what: 'another attempt to be told' })
  })

  test('orders: windows go to MySQL, large ones back to Kafka, a malformed record is skipped', async () => {
    const replace = {
      "'orders'": `'${orders}'`,
      "'large-spenders'": `'${large}'`,
      spent_per_minute: table,
      "job('orders'": "job('orders'",
    }
    const text = await platform.example('orders.ts', {
      ...replace,
      [`job('${orders}'`]: "job('orders'",
      [`name: '${orders}'`]: "name: 'orders'",
    })
    await platform.command(['apply', '-f', text])
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString()
    const order = (user: string, amount: number, second: number) =>
      JSON.stringify({ id: `${user}-${second}`, user, amount, at: at(second) })
    await send(orders, [
      order('ann', 30, 1),
      order('bob', 150, 2),
      '{"id": broken',
      order('ann', 12, 59),
      order('ann', 5, 61),
      order('bob', -1, 3),
    ])
    // Moves every partition's watermark past the first minute.
    await producer.send({
      topic: orders,
      messages: [0, 1].map((partition) => ({ partition, value: order('zoe', 1, 120) })),
    })
    const rows = async () =>
      (
        await mysql.query<RowDataPacket[]>(
          `SELECT user, orders, spent FROM ${table} WHERE minute < '2026-01-01 12:01:00' ORDER BY user`,
        )
      )[0]
    await until(async () => (await rows()).length === 2, { what: 'two rows of the first minute' })
    expect(await rows()).toEqual([
      { user: 'ann', orders: 2, spent: 42 },
      { user: 'bob', orders: 1, spent: 150 },
    ])
    const consumer = kafka.consumer({ groupId: name })
    const read: string[] = []
    await consumer.connect()
    await consumer.subscribe({ topic: large, fromBeginning: true })
    await consumer.run({ eachMessage: async ({ message }) => void read.push(message.key!.toString()) })
    await until(() => read.length > 0, { what: 'the large spender' })
    expect(read).toEqual(['bob'])
    await consumer.disconnect()
    await platform.command(['cancel', 'orders'])
    expect(await state('orders')).toBe('CANCELLED')
    await platform.command(['delete', 'orders'])
    expect((await platform.run(['get', 'job', 'orders'])).err).toContain('LF_JOB_NOT_FOUND')
  })

  test('slots spread over several workers: a killed one comes back and each record counts once, also after a rescale', async () => {
    const counts = `${name}-counts`
    await admin.createTopics({ topics: [{ topic: counts, numPartitions: 2 }] })
    await writeFile(join(folder.path, 'wide.ts'), countingProgram(counts))
    const deployment = { parallelism: 2, workers: 2, exchange: 'kafka', checkpointIntervalMs: 300 }
    await writeFile(join(folder.path, 'wide.json'), JSON.stringify({ program: 'wide.ts', deployment }))
    await platform.command(['apply', '-f', 'wide.json'])
    const written = async () => (await admin.fetchTopicOffsets(counts)).reduce((sum, { high }) => sum + Number(high), 0)
    const more = async (what: string) => {
      const before = await written()
      await until(async () => (await written()) > before + 200, { what: `output ${what}`, deadlineMs: 90_000 })
    }
    const view = async () => (await platform.json<JobView>(['get', 'job', 'wide'])).deployment!
    await more('of two workers')
    expect((await view()).status.workers).toMatchObject([
      { number: 0, state: 'running', error: null },
      { number: 1, state: 'running', error: null },
    ])

    const { attempt } = (await view()).status
    process.kill(await workerOf(folder.path, 1), 'SIGKILL')
    await until(async () => (await view()).status.attempt > attempt, { what: 'another attempt', deadlineMs: 90_000 })
    await more('after the kill')
    expect(await platform.command(['get', 'events', 'wide'])).toContain('Worker 1 of 2 was lost: ended')

    const { id } = await view()
    await platform.command(['deploy', 'wide', '--workers', '1'])
    await more('of one worker')
    expect(await view()).toMatchObject({ spec: { parallelism: 2, workers: 1 }, status: { workers: [] } })
    const topics = await admin.listTopics()
    expect(topics.filter((topic) => topic.includes(id))).toEqual([])

    await platform.command(['drain', 'wide'])
    await until(async () => (await state('wide')) === 'STOPPED', { what: 'wide to be drained' })
    const rows = (await readCommitted(services().kafkaBootstrap, counts, 2)).flat()
    const byKey = Map.groupBy(
      rows.map((row) => JSON.parse(row) as { readonly key: number; readonly count: number }),
      ({ key }) => key,
    )
    expect(byKey.size).toBe(10)
    for (const ofKey of byKey.values())
      expect(ofKey.map(({ count }) => count)).toEqual(ofKey.map((_, before) => before + 1))
  })

  test('Ctrl-C stops it cleanly, and the next start goes on where it stopped', async () => {
    expect(await platform.stop()).toBe(0)
    expect(processesUnder(folder.path)).toEqual([])
    await send(lines, ['hello'])
    await platform.start()
    await until(async () => (await counted('hello')) === '6', { what: 'hello=6 after the restart', deadlineMs: 60_000 })
    expect(await counted('world')).toBe('3')
    await until(async () => (await state('shop-live')) === 'RUNNING', { what: 'shop-live to run again' })
  })
})

/** Pids of processes whose command line or environment names the folder. */
function processesUnder(folder: string): number[] {
  const list = execFileSync('ps', ['axeww', '-o', 'pid=,args='], { encoding: 'utf8' })
  return list
    .split('\n')
    .filter((line) => line.includes(folder) && !line.includes('axeww'))
    .map((line) => Number(line.trim().split(' ')[0]))
    .filter((pid) => pid !== process.pid)
}

function killWorkers(folder: string): void {
  const list = execFileSync('ps', ['axeww', '-o', 'pid=,args='], { encoding: 'utf8' })
  const workers = list.split('\n').filter((line) => line.includes('worker/dist/main.js') && line.includes(folder))
  expect(workers.length).toBeGreaterThan(0)
  for (const line of workers) process.kill(Number(line.trim().split(' ')[0]), 'SIGKILL')
}

/** Counts numbers by their last digit, and writes each count once. */
function countingProgram(topic: string): string {
  return `import { generator, job, kafka, state } from 'lightflus'
export default job('wide', (flow) => {
  flow
    .source(generator.source({ generate: (index) => index, perSecond: 300, partitions: 2 }), { name: 'numbers' })
    .keyBy((n) => n % 10)
    .process(
      {
        state: { seen: state.value<number>() },
        onRecord(_n, { key, state: { seen } }) {
          const count = (seen.get() ?? 0) + 1
          seen.set(count)
          return [{ key, count }]
        },
      },
      { name: 'counted' },
    )
    .sinkTo(kafka.sink({ connection: 'kafka', topic: '${topic}', key: ({ key }) => String(key), value: (row) => row }), {
      name: 'written',
    })
})
`
}

/** The process of the worker that has this number in a deployment of several. */
async function workerOf(folder: string, number: number): Promise<number> {
  const workers = join(folder, 'data', 'workers')
  for (const id of await readdir(workers)) {
    const log = await readFile(join(workers, id, 'output.log'), 'utf8')
    if (!log.includes(`"worker":${number}`)) continue
    const record = JSON.parse(await readFile(join(workers, id, 'worker.json'), 'utf8')) as { process: { pid: number } }
    return record.process.pid
  }
  throw new Error(`there is no worker ${number}`)
}
