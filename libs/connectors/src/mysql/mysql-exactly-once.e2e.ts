import { needs, services, uniqueName } from '@lightflus/testing/services'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { MemoryLog, runAttempt } from '../testing/commit-job.ts'
import { describeChangelogContract } from '../testing/changelog-contract.ts'
import { committingWriter } from '../testing/committing-writer.ts'
import { describeExactlyOnce } from '../testing/exactly-once-contract.ts'
import { mysqlConnection, mysqlPlace } from '../testing/service-connections.ts'
import { TcpProxy } from '../testing/tcp-proxy.ts'
import { sinkContext } from '../testing/test-context.ts'
import { MysqlSink, type MysqlSinkOptions } from './mysql-sink.ts'

let mysql: Connection
let table: string
let markerTable: string

const optionsOf = (options: Partial<MysqlSinkOptions> = {}) => ({
  ...{ table, key: null, mode: 'insert' as const, batchRows: 15, delivery: 'exactly-once' as const },
  ...{ markerTable, stagedBytesMax: 2 ** 24, ...options },
})
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as unknown
const numbers = async (): Promise<number[]> =>
  (await mysql.query<RowDataPacket[]>(`SELECT n FROM ${table}`))[0].map((row) => Number(row['n']))

type Given = Partial<MysqlSinkOptions> & {
  attempt?: number
  lineage?: string
  index?: number
  connection?: ReturnType<typeof mysqlConnection>
  onError?: 'skip'
}

function contextOf({ attempt = 1, lineage = 'a', connection = mysqlConnection(), index = 0, onError, ...rest }: Given) {
  const checkpoints = { lineage, attempt, isDurable: true, intervalMs: 1_000, timeoutMs: 60_000 }
  return sinkContext({
    options: optionsOf(rest),
    ...{ connection, checkpoints, subtask: { index, parallelism: 3 } },
    functions: { row: (value: unknown) => (typeof value === 'number' ? { n: value } : value) },
    ...(onError && { onError }),
  })
}
const sinkOf = (given: Given = {}) => new MysqlSink(contextOf(given))
const nothing = { prepared: [], isCommitted: true, subtasks: [0] }

needs('mysql')('mysql sink that writes exactly once', () => {
  beforeAll(async () => {
    mysql = await createConnection(services().mysqlUrl)
  })
  beforeEach(async () => {
    table = uniqueName('sink')
    markerTable = uniqueName('markers')
    await mysql.query(`CREATE TABLE ${table} (n INT, t VARCHAR(5))`)
  })
  afterEach(() => mysql.query(`DROP TABLE IF EXISTS ${table}, ${markerTable}`))
  afterAll(() => mysql.end())

  describeExactlyOnce('mysql', () => ({
    target: { kind: 'mysql', connection: mysqlConnection(), options: optionsOf() },
    read: numbers,
    requests: 40,
  }))

  describeChangelogContract('mysql, exactly once', () => ({
    async create() {
      await mysql.query(
        `CREATE OR REPLACE TABLE ${table} (id VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY, n INT)`,
      )
      return committingWriter(sinkOf({ key: ['id'], mode: 'upsert', batchRows: 7, lineage: uniqueName('job') }))
    },
    async read() {
      const [rows] = await mysql.query<RowDataPacket[]>(`SELECT * FROM ${table}`)
      return new Map(rows.map((row) => [String(row['id']), Number(row['n'])]))
    },
    runs: 40,
  }))

  it('shows rows once their checkpoint is committed, all of them at once', async () => {
    const sink = sinkOf()
    await sink.open()
    await sink.commits!.resume(nothing)
    await sink.write([1, 2])
    await sink.commits!.prepare(1)
    await sink.write([3])
    expect(await numbers()).toEqual([])
    await sink.commits!.commit(1)
    await sink.commits!.commit(1)
    expect(await numbers()).toEqual([1, 2])
    await sink.close()
  })

  it('has everything once where connections are cut in mid-transaction', async () => {
    const proxy = await TcpProxy.listen({ to: mysqlPlace() })
    const connection = mysqlConnection({ host: '127.0.0.1', port: proxy.port })
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
            (checkpoint % 8) / 2,
          )
        return false
      },
    })
    await proxy.close()
    expect((await numbers()).sort((a, b) => a - b)).toEqual(Array.from({ length: 3_000 }, (_, n) => n))
    expect(proxy.connections).toBeGreaterThan(10)
  }, 60_000)

  it('names the row that the table refuses, keeps the output, and writes it once the table is mended', async () => {
    const sink = sinkOf()
    await sink.open()
    await sink.commits!.resume(nothing)
    await sink.write([{ n: 1, t: 'a' }])
    await sink.write([
      { n: 2, t: 'b' },
      { n: 3, t: 'much too long' },
    ])
    const output = await sink.commits!.prepare(1)
    const refused = failing('LF_SINK_COMMIT_REFUSED', "(n, t) = (3,'much too long'), in the output of checkpoint 1")
    await expect(sink.commits!.commit(1)).rejects.toEqual(refused)
    await sink.close()
    expect(await numbers()).toEqual([])
    const former = { prepared: [{ subtask: 0, attempt: 1, checkpoint: 1, output }], isCommitted: false, subtasks: [0] }
    const second = sinkOf({ attempt: 2 })
    await second.open()
    await expect(second.commits!.resume(former)).rejects.toEqual(refused)
    await second.close()
    await mysql.query(`ALTER TABLE ${table} MODIFY t VARCHAR(50)`)
    const third = sinkOf({ attempt: 3 })
    await third.open()
    await third.commits!.resume(former)
    await third.close()
    expect(await numbers()).toEqual([1, 2, 3])
  })

  it.each(['exactly-once', 'at-least-once'] as const)(
    "leaves out the rows that the table refuses where onError is 'skip', and logs each: %s",
    async (delivery) => {
      const context = contextOf({ delivery, onError: 'skip' })
      const sink = new MysqlSink(context)
      await sink.open()
      await sink.commits?.resume(nothing)
      await sink.write([
        { n: 1, t: 'a' },
        { n: 2, t: 'much too long' },
        { n: 3, t: 'as is this' },
        { n: 4, t: 'd' },
      ])
      await sink.flush()
      await sink.commits?.prepare(1)
      await sink.commits?.commit(1)
      await sink.close()
      expect(await numbers()).toEqual([1, 4])
      expect(context.heard.rejected).toHaveLength(2)
      expect(context.heard.log).toEqual([2, 3].map((n) => expect.stringContaining(`(n, t) = (${n},'`) as string))
    },
  )

  it('fences a former attempt, and is fenced by a newer one', async () => {
    const [old, young] = [sinkOf({ attempt: 4 }), sinkOf({ attempt: 5 })]
    for (const sink of [old, young]) {
      await sink.open()
      await sink.commits!.resume(nothing)
    }
    await old.write([1])
    await old.commits!.prepare(1)
    await expect(old.commits!.commit(1)).rejects.toEqual(failing('LF_ATTEMPT_FENCED'))
    await old.commits!.resume(nothing).then(
      () => expect(true).toBe(false),
      (thrown: unknown) => expect(thrown).toEqual(failing('LF_ATTEMPT_FENCED')),
    )
    expect(await numbers()).toEqual([])
    for (const sink of [old, young]) await sink.close()
  })

  it('says that output is lost where the markers are gone, or older than they were', async () => {
    const sink = sinkOf()
    await sink.open()
    await sink.commits!.resume(nothing)
    await sink.write([1])
    await sink.commits!.prepare(1)
    await sink.commits!.commit(1)
    await sink.write([2])
    const output = await sink.commits!.prepare(2)
    await mysql.query(`DELETE FROM ${markerTable}`)
    await expect(sink.commits!.commit(2)).rejects.toEqual(failing('LF_SINK_COMMIT_LOST', 'stands at checkpoint 0'))
    await sink.close()
    const next = sinkOf({ attempt: 2 })
    await next.open()
    const prepared = [{ subtask: 0, attempt: 1, checkpoint: 2, output }]
    await expect(next.commits!.resume({ prepared, isCommitted: false, subtasks: [0] })).rejects.toEqual(
      failing('LF_SINK_COMMIT_LOST', 'it was at 1'),
    )
    await next.close()
  })

  it('gives the SQL to run where the user may not make the table of markers, and is content when it is there', async () => {
    const user = uniqueName('u').slice(0, 16)
    await mysql.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'right'`)
    await mysql.query(`GRANT SELECT, INSERT ON ${table} TO '${user}'@'%'`)
    const connection = mysqlConnection({ user, password: 'right' })
    const sink = sinkOf({ connection })
    const error = await sink.open().catch((thrown: unknown) => thrown as { nextStep: string })
    await sink.close()
    expect(error).toEqual(failing('LF_CONNECTION_AUTH', markerTable))
    const { nextStep } = error as { nextStep: string }
    await mysql.query(/CREATE TABLE .*InnoDB/.exec(nextStep)![0])
    await mysql.query(`GRANT SELECT, INSERT, UPDATE ON ${markerTable} TO '${user}'@'%'`)
    const allowed = sinkOf({ connection })
    await allowed.open()
    await allowed.commits!.resume(nothing)
    await allowed.write([7])
    await allowed.commits!.prepare(1)
    await allowed.commits!.commit(1)
    await allowed.close()
    expect(await numbers()).toEqual([7])
    await mysql.query(`DROP USER '${user}'@'%'`)
  })

  it('refuses a table without transactions, and one of markers that is none', async () => {
    await mysql.query(`ALTER TABLE ${table} ENGINE = MyISAM`)
    const sink = sinkOf()
    await expect(sink.open()).rejects.toEqual(failing('LF_MYSQL_ENGINE', 'MyISAM'))
    await sink.close()
    await mysql.query(`ALTER TABLE ${table} ENGINE = InnoDB`)
    const other = sinkOf({ markerTable: table })
    await expect(other.open()).rejects.toEqual(failing('LF_CONNECTION_TARGET', 'lineage'))
    await other.close()
  })

  it('is what a sink does by itself where checkpoints are durable, and cannot do without checkpoints', async () => {
    const checkpoints = { lineage: 'a', attempt: 1, isDurable: true, intervalMs: 1, timeoutMs: 1 }
    const made = (delivery: MysqlSinkOptions['delivery'], isDurable: boolean) =>
      new MysqlSink(
        sinkContext({
          options: optionsOf({ delivery }),
          ...{ connection: mysqlConnection(), checkpoints: { ...checkpoints, isDurable } },
        }),
      )
    expect(made(null, true).commits).toBeDefined()
    expect(made(null, false).commits).toBeUndefined()
    expect(made('exactly-once', false).commits).toBeDefined()
    expect(made('at-least-once', true).commits).toBeUndefined()
    expect(() => new MysqlSink(sinkContext({ options: optionsOf(), connection: mysqlConnection() }))).toThrow(
      failing('LF_SINK_DELIVERY') as Error,
    )
  })
})
