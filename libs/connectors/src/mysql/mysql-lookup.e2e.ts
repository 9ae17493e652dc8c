import type { Key } from '@lightflus/api'
import { needs, services, uniqueName } from '@lightflus/testing/services'
import { createConnection, type Connection } from 'mysql2/promise'
import { describeLookupContract } from '../testing/lookup-contract.ts'
import { mysqlConnection, mysqlPlace } from '../testing/service-connections.ts'
import { lookupContext } from '../testing/test-context.ts'
import { MysqlLookup } from './mysql-lookup.ts'

let mysql: Connection
let table: string

const create = (columns: string) => mysql.query(`CREATE TABLE ?? (${columns})`, [table])

async function find(keys: readonly Key[], options: object = {}): Promise<readonly unknown[]> {
  return (await found(keys, options)).rows
}

async function found(keys: readonly Key[], options: object) {
  const context = lookupContext({
    options: { table, key: 'id', columns: null, ...options },
    connection: mysqlConnection(),
  })
  const lookup = new MysqlLookup(context)
  try {
    await lookup.open()
    return { rows: await lookup.find(keys), log: context.heard.log }
  } finally {
    await lookup.close()
  }
}

needs('mysql')('mysql lookup', () => {
  beforeAll(async () => {
    mysql = await createConnection({ uri: services().mysqlUrl, timezone: 'Z' })
  })
  beforeEach(() => void (table = uniqueName('lookup')))
  afterEach(() => mysql.query('DROP TABLE IF EXISTS ??', [table]))
  afterAll(() => mysql.end())

  it('gives rows as columns hold them', async () => {
    await create(
      'id BIGINT PRIMARY KEY, d DOUBLE, n DECIMAL(5,2), t VARCHAR(20), at DATETIME(3), raw VARBINARY(5), z INT',
    )
    const at = new Date('2026-07-01T12:34:56.789Z')
    await mysql.query(
      'INSERT INTO ?? VALUES (1, 0.5, 1.50, ?, ?, ?, NULL), (9007199254740993, 0, 0, ?, NULL, NULL, 1)',
      [...[table, 'ä 😀', at, Buffer.from([0, 255]), '']],
    )
    expect(await find([1])).toEqual([{ id: 1, d: 0.5, n: '1.50', t: 'ä 😀', at, raw: Buffer.from([0, 255]), z: null }])
    expect(await find(['9007199254740993'], { columns: ['id', 'z'] })).toEqual([{ id: '9007199254740993', z: 1 }])
  })

  it('gives the columns that are asked for, whatever their names', async () => {
    await mysql.query('CREATE TABLE ?? (?? INT PRIMARY KEY, a INT, b INT)', [table, 'the `key'])
    await mysql.query('INSERT INTO ?? VALUES (1, 2, 3)', [table])
    expect(await find([1], { key: 'the `key', columns: ['B', 'a'] })).toEqual([{ B: 3, a: 2 }])
    await mysql.query('DROP TABLE ??', [table])
    table = `${table} \`; DROP`
    await create('id INT PRIMARY KEY')
    await mysql.query('INSERT INTO ?? VALUES (1)', [table])
    expect(await find([1])).toEqual([{ id: 1 }])
  })

  it('compares texts as texts, and numbers as numbers', async () => {
    await create('id VARCHAR(20) PRIMARY KEY, n INT UNIQUE')
    await mysql.query("INSERT INTO ?? VALUES ('5abc', 0), ('7', 7), ('true', 1)", [table])
    const ids = (rows: readonly unknown[]) => rows.map((row) => (row as { id: string } | null)?.id ?? null)
    expect(ids(await find([5, 7, '7', true, '5ABC']))).toEqual([null, '7', '7', 'true', '5abc'])
    expect(ids(await find(['x', '0', '7.0', 1, true, '', '1 OR 1=1'], { key: 'n' }))).toEqual([
      ...[null, '5abc', '7', 'true', 'true', null, null],
    ])
  })

  it('leaves to the server which keys are equal', async () => {
    await create('id VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY, d DATE UNIQUE')
    await mysql.query("INSERT INTO ?? VALUES ('Abc', '2026-01-02'), ('é', '2026-01-03')", [table])
    const ids = (rows: readonly unknown[]) => rows.map((row) => (row as { id: string } | null)?.id ?? null)
    expect(ids(await find(['ABC', 'Abc', 'abc ', 'E', 'ab']))).toEqual(['Abc', 'Abc', 'Abc', 'é', null])
    expect(ids(await find(['ABC', 'Abc']))).toEqual(['Abc', 'Abc'])
    expect(ids(await find(['2026-01-03', '2026-01-04'], { key: 'd' }))).toEqual(['é', null])
  })

  it('finds one of several rows, and warns where the server has to read all of them', async () => {
    await create('id INT, n INT')
    await mysql.query('INSERT INTO ?? VALUES (1, 1), (1, 1)', [table])
    const { rows, log } = await found([1], {})
    expect(rows).toEqual([{ id: 1, n: 1 }])
    expect(log).toEqual([`warn: Table '${table}' has no index on 'id': every lookup may read all of it`])
  })

  it('says with a code that a table or a column is not there, also in mid-run', async () => {
    await expect(find([1])).rejects.toMatchObject({ code: 'LF_CONNECTION_TARGET' })
    await create('id INT PRIMARY KEY, n INT')
    await expect(find([1], { key: 'ID', columns: ['amuont'] })).rejects.toMatchObject({
      code: 'LF_MYSQL_COLUMN',
      message: expect.stringContaining("'amuont'") as string,
    })
    const lookup = new MysqlLookup(
      lookupContext({ options: { table, key: 'id', columns: null }, connection: mysqlConnection() }),
    )
    await lookup.open()
    await mysql.query('ALTER TABLE ?? DROP COLUMN n', [table])
    await expect(lookup.find([1])).rejects.toMatchObject({ code: 'LF_MYSQL_COLUMN' })
    await mysql.query('DROP TABLE ??', [table])
    await expect(lookup.find([1])).rejects.toMatchObject({ code: 'LF_CONNECTION_TARGET' })
    await lookup.close()
  })

  describe('by its contract', () => {
    beforeEach(() => create('id INT PRIMARY KEY, name VARCHAR(50)'))
    const rowOf = (id: number) => ({ id, name: `name ${id}` })
    describeLookupContract('mysql', () => ({
      create: (connection, signal) =>
        new MysqlLookup(
          lookupContext({ options: { table, key: 'id', columns: null }, connection, ...(signal && { signal }) }),
        ),
      connectionTo: mysqlConnection,
      target: mysqlPlace,
      put: async (ids) =>
        void (await mysql.query('INSERT INTO ?? VALUES ?', [table, ids.map((id) => [id, rowOf(id).name])])),
      foundOf: rowOf,
      refused: () => mysqlConnection({ password: 'hunter2' }),
    }))
  })
})
