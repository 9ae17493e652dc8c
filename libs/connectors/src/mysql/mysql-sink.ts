import { LightflusError } from '@lightflus/api'
import type { ConnectorContext, SinkWriter } from '@lightflus/engine'
import { BatchWriter } from '../batch-writer.ts'
import { at, type Peer } from '../connection-errors.ts'
import { connectionOf } from '../connection-options.ts'
import type { Session } from '../session.ts'
import { mysqlOptions, mysqlPeer } from './mysql-options.ts'
import { mysqlSession, run, type MysqlClient } from './mysql-session.ts'
import { RowMaker } from './sql-row.ts'
import { lookUp, statementParts, type TargetTable, type WriteMode } from './target-table.ts'

export interface MysqlSinkOptions {
  readonly table: string
  readonly mode: WriteMode
  /** Rows in one statement at most. */
  readonly batchRows: number
}

/** Statements stay below this and below half of what the server takes, bytes. */
const batchBytesMax = 1024 * 1024
/** Room for what stands around the rows of a statement. */
const statementOverheadBytes = 64 * 1024

/** Writes rows in statements of many, each of which is done as a whole or not at all. */
export class MysqlSink implements SinkWriter {
  readonly #context: ConnectorContext<'sink'>
  readonly #options: MysqlSinkOptions
  readonly #peer: Peer
  readonly #session: Session<MysqlClient>
  readonly #closing = new AbortController()
  #batches: BatchWriter<string> | undefined
  #rows: RowMaker | undefined
  #table: TargetTable | undefined
  #statement: readonly [string, string] | undefined
  #bytes = 0

  constructor(context: ConnectorContext<'sink'>) {
    this.#context = context
    this.#options = context.operator.node.options['connector'] as unknown as MysqlSinkOptions
    const connection = connectionOf(context, 'mysql')
    const options = mysqlOptions(connection)
    this.#peer = mysqlPeer(connection, options)
    const signal = AbortSignal.any([context.signal, this.#closing.signal])
    this.#session = mysqlSession(options, this.#peer, signal, this.#options.table)
  }

  async open(): Promise<void> {
    const { table, mode, batchRows } = this.#options
    const { escape } = await import('mysql2')
    await this.#session.open()
    const target = await this.#session.run((client) => lookUp(client, this.#peer, table, mode))
    this.#table = target
    this.#rows = new RowMaker((text) => escape(text))
    this.#batches = new BatchWriter({
      itemsMax: batchRows,
      bytesMax: Math.min(batchBytesMax, Math.floor(target.statementBytesMax / 2)),
      send: (rows) => this.#write(rows),
    })
  }

  write(values: readonly unknown[]): void | Promise<void> {
    const { functions } = this.#context.operator
    for (const [index, value] of values.entries()) {
      try {
        const literals = this.#rows!.literals(functions['row']!(value))
        const bytes = Buffer.byteLength(literals)
        this.#checkSize(bytes)
        this.#bytes += bytes
        this.#batches!.add(literals, bytes)
      } catch (thrown) {
        this.#context.rejectRecord(thrown, { index })
      }
    }
    this.#statement ??= this.#prepare()
    return this.#batches!.ready()
  }

  #checkSize(bytes: number): void {
    const max = this.#table!.statementBytesMax - statementOverheadBytes
    if (bytes > max)
      throw new LightflusError(
        'LF_SINK_VALUE',
        `row yielded ${(bytes / 1024 / 1024).toFixed(1)} MiB, more than the server takes at once (max_allowed_packet)`,
      )
  }

  /** @throws LF_MYSQL_COLUMN, which no other record would do better */
  #prepare(): readonly [string, string] | undefined {
    const columns = this.#rows!.columns
    if (!columns) return undefined
    const { table, mode } = this.#options
    const unknown = columns.find((name) => !this.#table!.columns.has(name.toLowerCase()))
    if (unknown === undefined) return statementParts(table, columns, mode)
    throw new LightflusError(
      'LF_MYSQL_COLUMN',
      `${at(this.#peer)}, table '${table}': there is no column '${unknown}'`,
      {
        details: { connection: this.#peer.connection, table, column: unknown },
      },
    )
  }

  async #write(rows: readonly string[]): Promise<void> {
    const [before, after] = this.#statement!
    const sql = before + rows.join(',') + after
    await this.#session.run((client) => run(client, sql))
  }

  flush(): Promise<void> {
    return this.#batches!.flush()
  }

  bytesWritten(): number {
    return this.#bytes
  }

  close(): Promise<void> {
    this.#batches?.close()
    this.#closing.abort()
    return Promise.resolve()
  }
}
