import { globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readCommitted, uniqueName, until } from '@lightflus/testing/services'
import { Redis } from 'ioredis'
import { Kafka, logLevel, type Admin, type Producer } from 'kafkajs'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { compare, type Shown, type Verdict } from './verdict.ts'

/** Where the outside systems are. */
export interface TallyServices {
  readonly kafka: string
  readonly mysql: string
  readonly redis: string
}

export interface TallyOptions {
  readonly services: TallyServices
  /** Where the program lies, and below which its files appear. */
  readonly folder: string
  readonly checkpointIntervalMs: number
}

interface Numbered {
  readonly key: string
  readonly n: number
}

const keys = 40
const partitions = 3
const windowSize = 100
const recordsAtOnce = 10
const feedPauseMs = 20
/** Beyond every window. */
const endOfTime = 3_000_000
/** Event time of number 0: each number is a millisecond. About now, since it becomes the time of Kafka's records: old ones are deleted, early ones refused. */
const origin = Math.floor(Date.now() / windowSize) * windowSize

/**
 * A job that counts and sums the numbers of a topic by key, and shows each step in a topic, a table, lists of Redis, and, of
 * windows, in files: all exactly once, none of which bears a repetition. What they must show is known from what went in.
 */
export class TallyJob {
  readonly name = uniqueName('tally', '-')
  readonly services: TallyServices
  readonly folder: string
  readonly #input = `${this.name}-in`
  readonly #output = `${this.name}-out`
  readonly #table = this.name.replaceAll('-', '_')
  readonly #intervalMs: number
  readonly #clients: Clients
  readonly #fed: Numbered[] = []

  private constructor(options: TallyOptions, clients: Clients) {
    this.services = options.services
    this.folder = options.folder
    this.#intervalMs = options.checkpointIntervalMs
    this.#clients = clients
  }

  /** Makes topics and table, and writes the program and how the platform is to run it. */
  static async make(options: TallyOptions): Promise<TallyJob> {
    const job = new TallyJob(options, await connect(options.services))
    const topics = [job.#input, job.#output].map((topic) => ({ topic, numPartitions: partitions }))
    await job.#clients.admin.createTopics({ topics })
    await job.#clients.mysql.query(`CREATE TABLE ${job.#table} (step VARCHAR(80) NOT NULL)`)
    await writeFile(join(job.folder, 'tally.ts'), job.#program)
    const deployment = { parallelism: 2, checkpointIntervalMs: job.#intervalMs }
    await writeFile(join(job.folder, 'tally.json'), JSON.stringify({ program: 'tally.ts', deployment }))
    return job
  }

  get #program(): string {
    return `import { count, files, job, json, kafka, mysql, redis, state, tumbling } from 'lightflus'
interface Numbered { readonly key: string; readonly n: number }
export default job('${this.name}', (flow) => {
  const numbers = flow
    .source(kafka.source({ connection: 'kafka', topic: '${this.#input}', value: json<Numbered>(), eventTime: ({ n }) => ${origin} + n }), { name: 'numbers' })
    .keyBy(({ key }) => key, { name: 'by-key' })
  const steps = numbers.process(
    {
      state: { count: state.value<number>(), sum: state.value<number>() },
      onRecord({ n }, { key, state: { count, sum } }) {
        count.set((count.get() ?? 0) + 1)
        sum.set((sum.get() ?? 0) + n)
        return [{ key, step: key + ' ' + count.get() + ' ' + sum.get() }]
      },
    },
    { name: 'tally' },
  )
  steps.sinkTo(kafka.sink({ connection: 'kafka', topic: '${this.#output}', key: ({ key }) => key, value: ({ step }) => step }), { name: 'topic' })
  steps.sinkTo(mysql.sink({ connection: 'mysql', table: '${this.#table}', mode: 'insert', row: ({ step }) => ({ step }) }), { name: 'table' })
  steps.sinkTo(
    redis.sink({ connection: 'redis', command: 'list', delivery: 'exactly-once', key: ({ key }) => '${this.name}:' + key, value: ({ step }) => step }),
    { name: 'lists' },
  )
  steps.sinkTo(redis.sink({ connection: 'redis', key: () => '${this.name}', value: ({ step }) => step }), { name: 'at-once' })
  numbers
    .window(tumbling(${windowSize}), { name: 'windows' })
    .aggregate({ count: count() })
    .sinkTo(files.sink({ path: 'windows.jsonl', row: ({ key, window, count }) => ({ step: key + ' ' + (window.start - ${origin}) + ' ' + count }) }), { name: 'files' })
})
`
  }

  /** How `lightflus run` is told of the connections. */
  get environment(): Readonly<Record<string, string>> {
    const { kafka, mysql, redis } = this.services
    return {
      LIGHTFLUS_CONNECTION_KAFKA: `kafka://${kafka}`,
      LIGHTFLUS_CONNECTION_MYSQL: mysql,
      LIGHTFLUS_CONNECTION_REDIS: redis,
    }
  }

  /** How many records have been fed. */
  get records(): number {
    return this.#fed.length
  }

  /** Appends so many records to the input. */
  async feed(count: number): Promise<void> {
    const from = this.#fed.length
    await this.#send(Array.from({ length: count }, (_, at) => ({ key: `k${(from + at) % keys}`, n: from + at })))
  }

  /**
   * Goes on appending, a few records each time, so that there is never a moment without some under way.
   * @returns how to end that
   */
  keepFeeding(): () => Promise<void> {
    let isOver = false
    const feeding = (async () => {
      while (!isOver) {
        await this.feed(recordsAtOnce)
        await pause(feedPauseMs)
      }
    })()
    feeding.catch(() => undefined)
    return () => {
      isOver = true
      return feeding
    }
  }

  async #send(records: readonly Numbered[]): Promise<void> {
    this.#fed.push(...records)
    const messages = records.map((record) => ({
      value: JSON.stringify(record),
      partition: Number(record.key.slice(1)) % partitions,
    }))
    await this.#clients.producer.send({ topic: this.#input, messages })
  }

  /** Ends every window, and waits until all is to be seen that there will be, or for so long that it is lost. */
  async complete(deadlineMs = 120_000): Promise<void> {
    await this.#send(Array.from({ length: partitions }, (_, at) => ({ key: `k${at}`, n: endOfTime })))
    const { steps, windows } = resultsOf(this.#fed)
    await until(
      async () =>
        (await this.rows()) >= steps.length &&
        (await this.#lists()).length >= steps.length &&
        (await this.#windows()).length >= windows.length,
      { what: 'all results', deadlineMs, intervalMs: 200 },
    ).catch(() => undefined)
  }

  /** Rows of the table. */
  async rows(): Promise<number> {
    const [[row]] = await this.#clients.mysql.query<RowDataPacket[]>(`SELECT COUNT(*) AS count FROM ${this.#table}`)
    return Number(row!.count)
  }

  /** Waits until all that has been fed so far is in the table. */
  async caughtUp(deadlineMs = 120_000): Promise<void> {
    const { records } = this
    await until(async () => (await this.rows()) >= records, { what: `${records} rows`, deadlineMs, intervalMs: 100 })
  }

  /** Waits for the next record to come out, which is to be seen at once. @param begin does what is to be recovered from */
  async flowsAfter(begin: () => unknown, deadlineMs = 120_000): Promise<number> {
    const { redis } = this.#clients
    const began = performance.now()
    await begin()
    await redis.del(this.name)
    await this.feed(keys)
    await until(() => redis.exists(this.name).then(Boolean), { what: 'records to flow', deadlineMs, intervalMs: 5 })
    return performance.now() - began
  }

  /** What every sink shows, beside what the input topic says that it must show. */
  async verdict(): Promise<Verdict> {
    const input = await readCommitted(this.services.kafka, this.#input, partitions)
    const { steps, windows } = resultsOf(input.flat().map((text) => JSON.parse(text) as Numbered))
    const shown: Record<string, Shown> = {
      kafka: { expected: steps, seen: (await readCommitted(this.services.kafka, this.#output, partitions)).flat() },
      mysql: { expected: steps, seen: await this.#steps() },
      redis: { expected: steps, seen: await this.#lists() },
      files: { expected: windows, seen: await this.#windows() },
    }
    return compare(shown)
  }

  async #steps(): Promise<string[]> {
    const [rows] = await this.#clients.mysql.query<RowDataPacket[]>(`SELECT step FROM ${this.#table}`)
    return rows.map(({ step }) => step as string)
  }

  async #lists(): Promise<string[]> {
    const names = Array.from({ length: keys }, (_, at) => `${this.name}:k${at}`)
    return (await Promise.all(names.map((name) => this.#clients.redis.lrange(name, 0, -1)))).flat()
  }

  async #windows(): Promise<string[]> {
    const paths = globSync('**/windows-*.jsonl', { cwd: this.folder })
    const texts = await Promise.all(paths.map((path) => readFile(join(this.folder, path), 'utf8')))
    const lines = texts.flatMap((text) => text.split('\n').slice(0, -1))
    return lines.map((line) => (JSON.parse(line) as { readonly step: string }).step)
  }

  /** Leaves nothing behind in what tests share. */
  async remove(): Promise<void> {
    const { admin, mysql, redis } = this.#clients
    await admin.deleteTopics({ topics: [this.#input, this.#output] })
    await mysql.query(`DROP TABLE ${this.#table}`)
    await redis.del(this.name, ...Array.from({ length: keys }, (_, at) => `${this.name}:k${at}`))
    await disconnect(this.#clients)
  }
}

/** What the job makes of records, of which those of a key are in order. */
function resultsOf(records: readonly Numbered[]): {
  readonly steps: readonly string[]
  readonly windows: readonly string[]
} {
  const sums = new Map<string, { count: number; sum: number }>()
  const counts = new Map<string, number>()
  const steps = records.map(({ key, n }) => {
    const { count, sum } = sums.get(key) ?? { count: 0, sum: 0 }
    sums.set(key, { count: count + 1, sum: sum + n })
    const window = `${key} ${n - (n % windowSize)}`
    if (n < endOfTime) counts.set(window, (counts.get(window) ?? 0) + 1)
    return `${key} ${count + 1} ${sum + n}`
  })
  return { steps, windows: [...counts].map(([window, count]) => `${window} ${count}`) }
}

interface Clients {
  readonly admin: Admin
  readonly producer: Producer
  readonly mysql: Connection
  readonly redis: Redis
}

async function connect(services: TallyServices): Promise<Clients> {
  // It tries on for as long as a broker may be away.
  const retry = { retries: 200, initialRetryTime: 200, maxRetryTime: 1_000 }
  const kafka = new Kafka({ brokers: [services.kafka], logLevel: logLevel.NOTHING, retry })
  const clients = {
    admin: kafka.admin(),
    producer: kafka.producer({ idempotent: true, maxInFlightRequests: 1 }),
    mysql: await createConnection(services.mysql),
    redis: new Redis(services.redis),
  }
  await Promise.all([clients.admin.connect(), clients.producer.connect()])
  return clients
}

async function disconnect({ admin, producer, mysql, redis }: Clients): Promise<void> {
  await Promise.all([admin.disconnect(), producer.disconnect(), mysql.end(), redis.quit()])
}
