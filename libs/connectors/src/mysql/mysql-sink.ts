import { LightflusError, type ChangeKind } from '@lightflus/api'
import type { ConnectorContext, SinkWriter } from '@lightflus/engine'
import { BatchWriter } from '../batch-writer.ts'
import { at, type Peer } from '../connection-errors.ts'
import { connectionOf } from '../connection-options.ts'
import type { Session } from '../session.ts'
import { mysqlOptions, mysqlPeer } from './mysql-options.ts'
import { newestOfEachKey, rowItems, type RowItem } from './mysql-rows.ts'
import { mysqlSession, run, type MysqlClient } from './mysql-session.ts'
import { RowMaker } from './sql-row.ts'
import { deleteStatement, lookUp, statementParts, type TargetTable, type WriteMode } from './target-table.ts'

export interface MysqlSinkOptions {
  readonly table: string
  /** Columns by which rows are told apart, so that they can be deleted; null: they cannot. */
  readonly key: readonly string[] | null
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
  #batches: BatchWriter<RowItem> | undefined
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
    const { table, batchRows } = this.#options
    const { escape } = await import('mysql2')
    await this.#session.open()
    const target = await this.#session.run((client) => lookUp(client, this.#peer, table, this.#options))
    this.#table = target
    this.#rows = new RowMaker((text) => escape(text))
    this.#batches = new BatchWriter({
      itemsMax: batchRows,
      bytesMax: Math.min(batchBytesMax, Math.floor(target.statementBytesMax / 2)),
      send: (rows) => this.#write(rows),
    })
  }

  write(
    values: readonly unknown[],
    _timestamps?: readonly number[],
    changes?: readonly ChangeKind[],
  ): void | Promise<void> {
    const check = (bytes: number) => this.#checkSize(bytes)
    for (const item of rowItems(this.#context, this.#rows!, this.#options.key, check, values, changes)) {
      this.#bytes += item.bytes
      this.#batches!.add(item, item.bytes)
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

  async #write(items: readonly RowItem[]): Promise<void> {
    const statements = this.#statementsFor(items)
    await this.#session.run(async (client) => {
      if (statements.length === 1) return void (await run(client, statements[0]!))
      // One transaction, so that nobody sees a row that moves to another key nowhere or twice.
      await run(client, 'START TRANSACTION')
      for (const sql of statements) await run(client, sql)
      await run(client, 'COMMIT')
    })
  }

  #statementsFor(items: readonly RowItem[]): readonly string[] {
    const { table, key } = this.#options
    const { removed, written } = newestOfEachKey(items)
    const statements: string[] = []
    // First, since a row that is written may have what was unique to one that is deleted.
    if (removed.length > 0) statements.push(deleteStatement(table, key!, removed))
    if (written.length > 0) {
      const [before, after] = this.#statement!
      statements.push(before + written.join(',') + after)
    }
    return statements
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
