import { needs, services, uniqueName } from '@lightflus/testing/services'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { describeChangelogContract } from '../testing/changelog-contract.ts'
import { mysqlConnection } from '../testing/service-connections.ts'
import { sinkContext } from '../testing/test-context.ts'
import { MysqlSink, type MysqlSinkOptions } from './mysql-sink.ts'

let mysql: Connection
let table: string

const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })
const create = (columns: string) => mysql.query(`CREATE TABLE ${table} (${columns})`)
const read = async (what = '*', rest = ''): Promise<RowDataPacket[]> =>
  (await mysql.query<RowDataPacket[]>(`SELECT ${what} FROM ${table} ${rest}`))[0]

needs('mysql')('mysql sink of a changelog', () => {
  beforeAll(async () => {
    mysql = await createConnection(services().mysqlUrl)
  })
  beforeEach(() => void (table = uniqueName('sink')))
  afterEach(() => mysql.query(`DROP TABLE IF EXISTS ${table}`))
  afterAll(() => mysql.end())
  const changelogSink = (options: Partial<MysqlSinkOptions> = {}, onError: 'fail' | 'skip' = 'fail') => {
    const context = sinkContext({
      options: { table, key: ['id'], mode: 'upsert', batchRows: 500, ...options },
      functions: { row: (value) => value },
      connection: mysqlConnection(),
      onError,
    })
    return { sink: new MysqlSink(context), heard: context.heard }
  }

  it('deletes rows by several columns, and only those', async () => {
    await create('a VARCHAR(9), b INT, n INT, PRIMARY KEY (b, a)')
    const rows = ['5abc', '5', 'x'].flatMap((a) => [1, 2].map((b) => ({ a, b, n: 0 })))
    const { sink } = changelogSink({ key: ['a', 'b'] })
    await sink.open()
    await sink.write(rows)
    const taken = [
      { a: 5, b: '1', n: 0 },
      { a: 'x', b: 2, n: 0 },
    ]
    await sink.write(taken, [], ['delete', 'updateBefore'])
    await sink.flush()
    await sink.close()
    expect(await read('a, b', 'ORDER BY a, b')).toEqual([
      { a: '5', b: 2 },
      { a: '5abc', b: 1 },
      { a: '5abc', b: 2 },
      { a: 'x', b: 1 },
    ])
  })

  it('shows a row that moves to another key at one of them at any time', async () => {
    await create('id INT PRIMARY KEY, n INT UNIQUE')
    const { sink } = changelogSink()
    await sink.open()
    await sink.write([{ id: 0, n: 7 }])
    await sink.flush()
    const seen = new Set<number>()
    let isDone = false
    const watching = createConnection(services().mysqlUrl).then(async (other) => {
      while (!isDone) {
        const [rows] = await other.query<RowDataPacket[]>(`SELECT COUNT(*) AS n FROM ${table}`)
        seen.add(Number(rows[0]!['n']))
      }
      await other.end()
    })
    for (let id = 0; id < 50; id++) {
      await sink.write(
        [
          { id, n: 7 },
          { id: id + 1, n: 7 },
        ],
        [],
        ['updateBefore', 'updateAfter'],
      )
      await sink.flush()
    }
    isDone = true
    await watching
    await sink.close()
    expect([...seen]).toEqual([1])
    expect(await read()).toEqual([{ id: 50, n: 7 }])
  })

  it('refuses a key that is none of the table, and rows that lack it', async () => {
    await create('id INT PRIMARY KEY, n INT, m INT, UNIQUE (n, m)')
    for (const key of [['n'], ['id', 'n'], ['m']]) {
      const refused = changelogSink({ key }).sink
      await expect(refused.open()).rejects.toEqual(failing('LF_MYSQL_NO_KEY', key.join(', ')))
      await refused.close()
    }
    const other = changelogSink({ key: ['M', 'n'] }).sink
    await other.open()
    await other.close()
    const { sink, heard } = changelogSink({}, 'skip')
    await sink.open()
    await sink.write([{ id: 1, n: 1 }, { n: 2 }, { id: null, n: 3 }], [], ['insert', 'delete', 'insert'])
    await sink.flush()
    await sink.close()
    expect(heard.rejected).toEqual([failing('LF_SINK_VALUE', "'id'"), failing('LF_SINK_VALUE', "'id'")])
    expect(await read('id')).toEqual([{ id: 1 }])
  })

  describeChangelogContract('mysql', () => ({
    async create() {
      await mysql.query(`DROP TABLE IF EXISTS ${table}`)
      await create('id VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY, n INT')
      return changelogSink({ batchRows: 7 }).sink
    },
    read: async () => new Map((await read()).map((row) => [String(row['id']), Number(row['n'])])),
    runs: 40,
  }))
})
