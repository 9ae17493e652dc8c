import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { sides } from '../side-input.ts'

export type Row = Readonly<Record<string, string | number>>

const rowTypes = {
  person: `STRUCT(id BIGINT, name VARCHAR, emailAddress VARCHAR, creditCard VARCHAR, city VARCHAR, state VARCHAR,
    dateTime VARCHAR, extra VARCHAR)`,
  auction: `STRUCT(id BIGINT, itemName VARCHAR, description VARCHAR, initialBid BIGINT, reserve BIGINT, dateTime VARCHAR,
    expires VARCHAR, seller BIGINT, category BIGINT, extra VARCHAR)`,
  bid: `STRUCT(auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, dateTime VARCHAR, extra VARCHAR)`,
}

/** A DuckDB in memory that holds events, as one file of JSON lines gives them: it shares no code with the engine. */
export class Evaluation {
  readonly #connection: DuckDBConnection

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  static async open(lines: readonly string[]): Promise<Evaluation> {
    const folder = await mkdtemp(join(tmpdir(), 'lightflus-nexmark-'))
    try {
      const path = join(folder, 'events.jsonl')
      await writeFile(path, lines.join('\n'))
      return await Evaluation.ofFile(path)
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  /** @param path of a file of JSON lines. */
  static async ofFile(path: string): Promise<Evaluation> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    const connection = await instance.connect()
    const columns = Object.entries(rowTypes).map(([name, type]) => `${name}: '${type}'`)
    await connection.run(`
      CREATE TABLE events AS
      SELECT * FROM read_json('${path}', format = 'newline_delimited', columns = { event_type: 'INT', ${columns.join()} })`)
    const time = (column: string) => `epoch_ms(${column}::TIMESTAMP)`
    await connection.run(`
      CREATE VIEW persons AS SELECT person.*, ${time('person.dateTime')} AS t FROM events WHERE event_type = 0;
      CREATE VIEW auctions AS SELECT auction.*, ${time('auction.dateTime')} AS t, ${time('auction.expires')} AS expiry
        FROM events WHERE event_type = 1;
      CREATE VIEW bids AS SELECT bid.*, ${time('bid.dateTime')} AS t FROM events WHERE event_type = 2;
      CREATE TABLE sides (key BIGINT, value VARCHAR);
      INSERT INTO sides VALUES ${sides.map(({ key, value }) => `(${key}, '${value}')`).join()}`)
    return new Evaluation(connection)
  }

  async rows(statement: string): Promise<readonly Row[]> {
    const rows: Row[] = []
    await this.eachRow(statement, (row) => rows.push(row))
    return rows
  }

  /** As `rows`, for more of them than memory should hold. */
  async eachRow(statement: string, take: (row: Row) => void): Promise<void> {
    const result = await this.#connection.stream(statement)
    for await (const rows of result.yieldRowObjectJs())
      for (const row of rows) take(Object.fromEntries(Object.entries(row).map(plain)))
  }

  close(): void {
    this.#connection.closeSync()
  }
}

function plain([name, value]: [string, unknown]): [string, string | number] {
  if (typeof value === 'string' || typeof value === 'number') return [name, value]
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return [name, Number(value)]
  throw new Error(`Column ${name} holds ${String(value)}, which no result of a query can be`)
}
