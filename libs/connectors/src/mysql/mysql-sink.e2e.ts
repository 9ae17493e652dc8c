import type { ResolvedConnection } from '@lightflus/engine'
import { freePort, needs, services, uniqueName, until } from '@lightflus/testing/services'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { describeSinkContract, failingOn, type TestRecord } from '../testing/sink-contract.ts'
import { mysqlConnection, mysqlPlace } from '../testing/service-connections.ts'
import { TcpProxy } from '../testing/tcp-proxy.ts'
import { sinkContext } from '../testing/test-context.ts'
import { mysqlConnector } from './mysql-connector.ts'
import { MysqlSink, type MysqlSinkOptions } from './mysql-sink.ts'

let mysql: Connection
let table: string

const contextOf = (
  options: Partial<MysqlSinkOptions>,
  connection = mysqlConnection(),
  onError: 'fail' | 'skip' = 'fail',
) =>
  sinkContext({
    options: { table, key: null, mode: 'upsert', batchRows: 500, delivery: null, ...options },
    functions: { row: (value) => value },
    connection,
    onError,
  })
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })
const tested = (connection: ResolvedConnection) =>
  mysqlConnector.testConnection!(connection, AbortSignal.timeout(20_000))
const create = (columns: string) => mysql.query(`CREATE TABLE ${table} (${columns})`)
const read = async (what = '*', rest = ''): Promise<RowDataPacket[]> =>
  (await mysql.query<RowDataPacket[]>(`SELECT ${what} FROM ${table} ${rest}`))[0]

async function writeAll(
  options: Partial<MysqlSinkOptions>,
  rows: readonly unknown[],
  connection = mysqlConnection(),
): Promise<void> {
  const sink = new MysqlSink(contextOf(options, connection))
  try {
    await sink.open()
    await sink.write(rows)
    await sink.flush()
  } finally {
    await sink.close()
  }
}

needs('mysql')('mysql sink', () => {
  beforeAll(async () => {
    mysql = await createConnection({
      uri: services().mysqlUrl,
      timezone: 'Z',
      supportBigNumbers: true,
      bigNumberStrings: true,
    })
  })
  beforeEach(() => void (table = uniqueName('sink')))
  afterEach(() => mysql.query(`DROP TABLE IF EXISTS ${table}`))
  afterAll(() => mysql.end())

  it('writes values of every kind as the columns are meant to hold them', async () => {
    await create(
      'id INT PRIMARY KEY, b BIGINT, d DOUBLE, t VARCHAR(50), yes BOOLEAN, at DATETIME(3), stamp TIMESTAMP(3) NULL, raw VARBINARY(10), j JSON',
    )
    const at = new Date('2026-07-01T12:34:56.789Z')
    await writeAll({}, [
      {
        id: 1,
        b: 2n ** 62n,
        d: 0.1,
        t: 'ä 😀 \' " \\ \u0000',
        yes: true,
        at,
        stamp: at,
        raw: new Uint8Array([0, 39, 92]),
        j: { a: [1, "'"] },
      },
      { id: 2, b: null, d: null, t: null, yes: null, at: null, stamp: null, raw: null, j: null },
    ])
    const [first, second] = await read('*', 'ORDER BY id')
    expect(first).toEqual({
      ...{ id: 1, b: '4611686018427387904', d: 0.1, t: 'ä 😀 \' " \\ \u0000', yes: 1 },
      ...{ at, stamp: at, raw: Buffer.from([0, 39, 92]), j: expect.anything() },
    })
    const json: unknown = first!['j']
    expect(typeof json === 'string' ? JSON.parse(json) : json).toEqual({ a: [1, "'"] })
    expect(Object.values(second!).slice(1)).toEqual(new Array(8).fill(null))
  })

  it('replaces rows of the same key by upsert, the last one winning, also within a statement', async () => {
    await create('id INT PRIMARY KEY, n INT')
    await writeAll({}, [
      { id: 1, n: 1 },
      { id: 2, n: 1 },
      { id: 1, n: 2 },
    ])
    await writeAll({}, [{ id: 2, n: 3 }])
    expect(await read('*', 'ORDER BY id')).toEqual([
      { id: 1, n: 2 },
      { id: 2, n: 3 },
    ])
  })

  it('adds rows by insert, and repeats what it is given twice', async () => {
    await create('n INT')
    await writeAll({ mode: 'insert', batchRows: 2 }, [{ n: 1 }, { n: 2 }, { n: 2 }])
    expect((await read('n', 'ORDER BY n')).map((row) => row['n'])).toEqual([1, 2, 2])
  })

  it('quotes names of tables and columns, whatever is in them', async () => {
    table = uniqueName('odd')
    const odd = `${table} \`; DROP`
    await mysql.query('CREATE TABLE ?? (?? INT PRIMARY KEY)', [odd, 'select `x'])
    await writeAll({ table: odd }, [{ 'select `x': 5 }])
    expect((await mysql.query<RowDataPacket[]>('SELECT * FROM ??', [odd]))[0]).toEqual([{ 'select `x': 5 }])
    await mysql.query('DROP TABLE ??', [odd])
  })

  it('rejects rows of other columns and values that are none, and writes the others', async () => {
    await create('id INT PRIMARY KEY, n INT')
    const context = contextOf({}, mysqlConnection(), 'skip')
    const sink = new MysqlSink(context)
    await sink.open()
    await sink.write([{ id: 1, n: 1 }, { id: 2 }, { id: 3, n: undefined }, { id: 4, n: Number.NaN }, { n: 5, id: 5 }])
    await sink.flush()
    await sink.close()
    expect((await read('id', 'ORDER BY id')).map((row) => row['id'])).toEqual([1, 5])
    expect(context.heard.rejected).toEqual([
      failing('LF_SINK_VALUE', 'columns'),
      failing('LF_SINK_VALUE', "'n'"),
      failing('LF_SINK_VALUE', "'n'"),
    ])
  })

  it('rejects a row that the server could not take at once', async () => {
    await create('id INT PRIMARY KEY, t LONGTEXT')
    const [[limits]] = await mysql.query<RowDataPacket[]>('SELECT @@max_allowed_packet AS bytes')
    const t = 'x'.repeat(Number(limits!['bytes']))
    await expect(writeAll({}, [{ id: 1, t }])).rejects.toEqual(failing('LF_SINK_VALUE', 'max_allowed_packet'))
    await writeAll(
      {},
      Array.from({ length: 20 }, (_, id) => ({ id, t: 'y'.repeat(2_000_000) })),
    )
    expect((await read('SUM(LENGTH(t)) AS bytes'))[0]).toEqual({ bytes: '40000000' })
  }, 60_000)

  describe('says with a code what is wrong:', () => {
    it('a table that is not there, or is dropped in mid-run', async () => {
      await expect(writeAll({}, [{ id: 1 }])).rejects.toEqual(failing('LF_CONNECTION_TARGET', table))
      await create('id INT PRIMARY KEY')
      const sink = new MysqlSink(contextOf({}))
      await sink.open()
      await mysql.query(`DROP TABLE ${table}`)
      await sink.write([{ id: 1 }])
      await expect(sink.flush()).rejects.toEqual(failing('LF_CONNECTION_TARGET', table))
      await sink.close()
    })

    it('a column that is not there, even where bad records are skipped', async () => {
      await create('id INT PRIMARY KEY')
      const sink = new MysqlSink(contextOf({}, mysqlConnection(), 'skip'))
      await sink.open()
      await expect(async () => sink.write([{ id: 1, amuont: 5 }])).rejects.toEqual(failing('LF_MYSQL_COLUMN', 'amuont'))
      await sink.close()
      await writeAll({}, [{ ID: 1 }])
    })

    it('an upsert into a table without a key', async () => {
      await create('n INT')
      await expect(writeAll({}, [{ n: 1 }])).rejects.toEqual(failing('LF_MYSQL_NO_KEY', table))
    })

    const constraints: readonly [string, string, unknown][] = [
      ['a null that is not allowed', 'id INT PRIMARY KEY, n INT NOT NULL', { id: 1, n: null }],
      ['text that is too long', 'id INT PRIMARY KEY, n VARCHAR(3)', { id: 1, n: 'abcd' }],
      ['a number that is too large', 'id INT PRIMARY KEY, n TINYINT', { id: 1, n: 1_000 }],
      ['text that is no number', 'id INT PRIMARY KEY, n INT', { id: 1, n: 'many' }],
      ['text that is no time', 'id INT PRIMARY KEY, n DATETIME', { id: 1, n: 'soon' }],
      ['a check that fails', 'id INT PRIMARY KEY, n INT CHECK (n > 0)', { id: 1, n: 0 }],
      ['a column without a value', 'id INT PRIMARY KEY, n INT NOT NULL', { id: 1 }],
    ]
    it.each(constraints)('%s', async (_name, columns, row) => {
      await create(columns)
      await expect(writeAll({}, [row])).rejects.toEqual(failing('LF_MYSQL_CONSTRAINT', table))
      expect(await read()).toEqual([])
    })

    it('a key that is there already, and a reference that is not', async () => {
      await create('id INT PRIMARY KEY, parent INT')
      await mysql.query(`ALTER TABLE ${table} ADD FOREIGN KEY (parent) REFERENCES ${table} (id)`)
      await writeAll({ mode: 'insert' }, [{ id: 1, parent: null }])
      await expect(writeAll({ mode: 'insert' }, [{ id: 1, parent: null }])).rejects.toEqual(
        failing('LF_MYSQL_CONSTRAINT', 'Duplicate'),
      )
      await expect(writeAll({}, [{ id: 2, parent: 9 }])).rejects.toEqual(failing('LF_MYSQL_CONSTRAINT', table))
    })
  })

  it('waits for a lock that another holds, and tries again when the server breaks that off', async () => {
    await create('id INT PRIMARY KEY, n INT')
    await writeAll({}, [{ id: 1, n: 0 }])
    await mysql.beginTransaction()
    await mysql.query(`UPDATE ${table} SET n = 5 WHERE id = 1`)
    const written = writeAll({}, [{ id: 1, n: 7 }])
    const waiting = () =>
      until(
        async () => {
          const sql = 'SELECT id FROM information_schema.processlist WHERE info LIKE ?'
          const [[found]] = await mysql.query<RowDataPacket[]>(sql, [`INSERT INTO \`${table}\`%`])
          return found
        },
        { what: 'the statement to wait' },
      )
    await mysql.query('KILL QUERY ?', [Number((await waiting())['id'])])
    await waiting()
    await mysql.commit()
    await written
    expect(await read()).toEqual([{ id: 1, n: 7 }])
  }, 30_000)

  describe('whose connection breaks in mid-run', () => {
    it('is made again without loss', async () => {
      await create('id INT PRIMARY KEY')
      const proxy = await TcpProxy.listen({ to: mysqlPlace() })
      const sink = new MysqlSink(contextOf({}, mysqlConnection({ host: '127.0.0.1', port: proxy.port })))
      await sink.open()
      for (let at = 0; at < 40; at++) {
        await sink.write(Array.from({ length: 50 }, (_, index) => ({ id: at * 50 + index })))
        if (at % 10 === 5) {
          proxy.cut()
          setTimeout(() => proxy.heal(), 300)
        }
        await sink.flush()
      }
      await sink.close()
      await proxy.close()
      expect((await read('COUNT(*) AS n'))[0]).toEqual({ n: '2000' })
    }, 30_000)

    it('fails as lost when it stays away, which a restart may heal', async () => {
      await create('id INT PRIMARY KEY')
      const proxy = await TcpProxy.listen({ to: mysqlPlace() })
      const sink = new MysqlSink(contextOf({}, mysqlConnection({ host: '127.0.0.1', port: proxy.port })))
      await sink.open()
      proxy.cut()
      await sink.write([{ id: 1 }])
      const failure = await sink.flush().catch((thrown: unknown) => thrown)
      expect(failure).toEqual(failing('LF_CONNECTION_LOST', 'has not answered for 30 s'))
      expect(failure).toHaveProperty('retry', true)
      await sink.close()
      await proxy.close()
    }, 60_000)

    it('does not hold up closing, nor an attempt that is aborted', async () => {
      await create('id INT PRIMARY KEY')
      const proxy = await TcpProxy.listen({ to: mysqlPlace() })
      const ending = new AbortController()
      const connection = mysqlConnection({ host: '127.0.0.1', port: proxy.port })
      const aborted = new MysqlSink({ ...contextOf({}, connection), signal: ending.signal })
      const closed = new MysqlSink(contextOf({}, connection))
      for (const sink of [aborted, closed]) await sink.open()
      proxy.stall()
      const flushes = [aborted, closed].map(async (sink) => {
        await sink.write([{ id: 1 }])
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
      expect((await tested(mysqlConnection())).summary).toMatch(/^MySQL \d+\.\d+\.\d+\S*, database \w+, \d+ tables?$/)
    })

    const cases: readonly [string, () => Promise<ResolvedConnection>, string, string][] = [
      [
        'a port where nothing listens',
        async () => mysqlConnection({ port: await freePort() }),
        'LF_CONNECTION_REFUSED',
        'nothing accepts',
      ],
      [
        'an unknown host',
        async () => mysqlConnection({ host: 'no-such-host.invalid' }),
        'LF_CONNECTION_DNS',
        'no-such-host.invalid',
      ],
      ['a wrong password', async () => mysqlConnection({ password: 'hunter2' }), 'LF_CONNECTION_AUTH', 'refused user'],
      [
        'an unknown user',
        async () => mysqlConnection({ user: 'nobody', password: 'hunter2' }),
        'LF_CONNECTION_AUTH',
        "'nobody'",
      ],
      [
        'a database that is not there',
        async () => mysqlConnection({ database: 'nowhere' }),
        'LF_CONNECTION_TARGET',
        'nowhere',
      ],
      ['TLS where there is none', async () => mysqlConnection({ tls: true }), 'LF_CONNECTION_TLS', ''],
      ['no database', async () => mysqlConnection({ database: null }), 'LF_CONNECTION_OPTION', "'database'"],
    ]
    it.each(cases)('with %s is refused with a code that says so', async (_name, connection, code, message) => {
      const error = await tested(await connection()).catch((thrown: unknown) => thrown)
      expect(error).toEqual(failing(code, message))
      expect(JSON.stringify(error)).not.toContain('hunter2')
    })

    it('says so when the user may not write the table', async () => {
      await create('id INT PRIMARY KEY')
      const user = uniqueName('u').slice(0, 16)
      await mysql.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'right'`)
      await mysql.query(`GRANT SELECT ON ${table} TO '${user}'@'%'`)
      const connection = mysqlConnection({ user, password: 'right' })
      await expect(writeAll({}, [{ id: 1 }], connection)).rejects.toEqual(failing('LF_CONNECTION_AUTH', table))
      await mysql.query(`DROP USER '${user}'@'%'`)
    })

    it('that is accepted and never answered times out', async () => {
      const proxy = await TcpProxy.listen({ to: mysqlPlace() })
      proxy.stall()
      const connection = mysqlConnection({ host: '127.0.0.1', port: proxy.port })
      await expect(tested(connection)).rejects.toEqual(failing('LF_CONNECTION_TIMEOUT'))
      await proxy.close()
    }, 30_000)
  })
})

needs('mysql')('mysql sink, in any order', () => {
  beforeAll(async () => {
    mysql = await createConnection(services().mysqlUrl)
  })
  beforeEach(async () => {
    table = uniqueName('sink')
    await create('id INT, text VARCHAR(50)')
  })
  afterEach(() => mysql.query(`DROP TABLE ${table}`))
  afterAll(() => mysql.end())

  describeSinkContract('mysql', () => ({
    create: ({ onError, failOn }) => {
      const functions = { row: failingOn(failOn, ({ id, text }: TestRecord) => ({ id, text })) }
      const options = { table, key: null, mode: 'insert', batchRows: 200, delivery: null }
      const context = sinkContext({ options, functions, connection: mysqlConnection(), onError })
      return { writer: new MysqlSink(context), context }
    },
    readIds: async () => (await read('id')).map((row) => Number(row['id'])),
    unansweredMax: 3_000,
  }))
})
