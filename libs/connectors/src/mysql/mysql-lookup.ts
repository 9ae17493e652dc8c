import { LightflusError, type Key } from '@lightflus/api'
import type { Lookup, LookupContext } from '@lightflus/engine'
import { at, type Peer } from '../connection-errors.ts'
import { connectionOf } from '../connection-options.ts'
import type { Session } from '../session.ts'
import {
  askedKey,
  eachKeyQuery,
  isNumeric,
  looseForm,
  manyKeysQuery,
  type AskedKey,
  type LookupTable,
} from './lookup-query.ts'
import { mysqlOptions, mysqlPeer } from './mysql-options.ts'
import { columnListsOf, mysqlSession, rowsOf, type MysqlClient } from './mysql-session.ts'
import type { EscapeText } from './sql-row.ts'
import { columnsOf, statementBytesMaxOf } from './target-table.ts'

export interface MysqlLookupOptions {
  readonly table: string
  readonly key: string
  /** Null: all. */
  readonly columns: readonly string[] | null
}

/** Keys in one statement: those of a batch, most often, and few enough for the server to use its index. */
const keysMax = 1_000
/** Keys in a statement that compares each by itself. */
const singleKeysMax = 100

/** Finds the rows of a table by one of its columns: those of many keys in one statement. */
export class MysqlLookup implements Lookup {
  readonly #context: LookupContext
  readonly #options: MysqlLookupOptions
  readonly #peer: Peer
  readonly #session: Session<MysqlClient>
  readonly #closing = new AbortController()
  #escape: EscapeText = (text) => text
  #table: LookupTable | undefined
  #keyIsNumeric = false
  #statementBytesMax = 0

  constructor(context: LookupContext) {
    this.#context = context
    this.#options = context.operator.node.options['connector'] as unknown as MysqlLookupOptions
    const connection = connectionOf(context, 'mysql')
    const options = mysqlOptions(connection)
    this.#peer = mysqlPeer(connection, options)
    const signal = AbortSignal.any([context.signal, this.#closing.signal])
    this.#session = mysqlSession(options, this.#peer, signal, { table: this.#options.table })
  }

  async open(): Promise<void> {
    const { escape } = await import('mysql2')
    this.#escape = (text) => escape(text)
    await this.#session.open()
    await this.#session.run((client) => this.#describe(client))
  }

  /** @throws LF_CONNECTION_TARGET, LF_MYSQL_COLUMN */
  async #describe(client: MysqlClient): Promise<void> {
    const { table, key, columns } = this.#options
    const known = await columnsOf(client, this.#peer, table)
    const named = (name: string) => known.find((column) => column.name.toLowerCase() === name.toLowerCase())
    const unknown = [key, ...(columns ?? [])].find((name) => !named(name))
    if (unknown !== undefined) throw this.#noColumn(unknown)
    this.#table = { table, key, columns: columns ?? known.map(({ name }) => name) }
    this.#keyIsNumeric = isNumeric(named(key)!.type)
    this.#statementBytesMax = Math.floor((await statementBytesMaxOf(client)) / 2)
    const [index] = await rowsOf(
      client,
      'SELECT COUNT(*) AS count FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ? AND seq_in_index = 1',
      [table, key],
    )
    if (Number(index!['count']) === 0)
      this.#context.log('warn', `Table '${table}' has no index on '${key}': every lookup may read all of it`)
  }

  #noColumn(column: string): LightflusError {
    const { table } = this.#options
    return new LightflusError(
      'LF_MYSQL_COLUMN',
      `${at(this.#peer)}, table '${table}': there is no column '${column}'`,
      {
        details: { connection: this.#peer.connection, table, column },
      },
    )
  }

  async find(keys: readonly Key[]): Promise<readonly unknown[]> {
    const asked = keys.map((key) => askedKey(key, this.#keyIsNumeric, this.#escape))
    const rows = new Map<AskedKey, object>()
    for (const some of this.#chunks(
      asked.filter((key) => key !== undefined),
      keysMax,
    ))
      await this.#findSome(some, rows)
    return asked.map((key) => (key && rows.get(key)) ?? null)
  }

  async #findSome(asked: readonly AskedKey[], rows: Map<AskedKey, object>): Promise<void> {
    const found = await this.#query(manyKeysQuery(this.#table!, asked))
    const byText = new Map<string, readonly unknown[]>()
    for (const row of found) if (!byText.has(String(row[0]))) byText.set(String(row[0]), row)
    const texts = new Set(asked.map(({ text }) => text))
    const missing: AskedKey[] = []
    for (const key of asked) {
      const row = byText.get(key.text)
      if (row) rows.set(key, this.#rowOf(row))
      else missing.push(key)
    }
    // The server may hold a key for equal to one that is written otherwise: in its collation, as a date, as a decimal.
    const hasOthers = [...byText.keys()].some((text) => !texts.has(text))
    const loose = new Set([...byText.keys()].map(looseForm))
    const doubtful = missing.filter(({ text }) => hasOthers || loose.has(looseForm(text)))
    for (const some of this.#chunks(doubtful, singleKeysMax))
      for (const row of await this.#query(eachKeyQuery(this.#table!, some)))
        rows.set(some[Number(row[0])]!, this.#rowOf(row))
  }

  #query(sql: string): Promise<readonly (readonly unknown[])[]> {
    return this.#session.run((client) => columnListsOf(client, sql))
  }

  /** @param row begins with what it was found by. */
  #rowOf(row: readonly unknown[]): object {
    return Object.fromEntries(this.#table!.columns.map((name, index) => [name, row[index + 1]]))
  }

  /** Bounded in number and in bytes: what the server takes in one statement. */
  *#chunks(asked: readonly AskedKey[], max: number): Iterable<readonly AskedKey[]> {
    let chunk: AskedKey[] = []
    let bytes = 0
    for (const key of asked) {
      const size = Buffer.byteLength(key.literal) + 1
      if (chunk.length > 0 && (chunk.length === max || bytes + size > this.#statementBytesMax)) {
        yield chunk
        chunk = []
        bytes = 0
      }
      chunk.push(key)
      bytes += size
    }
    if (chunk.length > 0) yield chunk
  }

  close(): Promise<void> {
    this.#closing.abort()
    return Promise.resolve()
  }
}
