import { LightflusError, type ChangeKind, type Json } from '@lightflus/api'
import type { ConnectorContext, SinkCommits, SinkWriter } from '@lightflus/engine'
import { BatchWriter } from '../batch-writer.ts'
import { at, type Peer } from '../connection-errors.ts'
import { connectionOf } from '../connection-options.ts'
import type { Session } from '../session.ts'
import { exactlyOnce, type Delivery } from '../staging/delivery.ts'
import { leavingOut, type LeavingOut } from '../staging/leaving-out.ts'
import { StagedCommits } from '../staging/staged-commits.ts'
import { demandTransactions, ensureMarkerTable } from './marker-table.ts'
import { MysqlCommits } from './mysql-commits.ts'
import { mysqlOptions, mysqlPeer, type MysqlOptions } from './mysql-options.ts'
import { rowItems, type RowItem } from './mysql-rows.ts'
import { mysqlSession, run, type MysqlClient } from './mysql-session.ts'
import { stagedRow, statementsFor, type RowsHead, type RowsStatement } from './mysql-statements.ts'
import { refusedRows } from './refused-rows.ts'
import { RowMaker } from './sql-row.ts'
import { lookUp, type TargetTable, type WriteMode } from './target-table.ts'

export interface MysqlSinkOptions {
  readonly table: string
  /** Columns by which rows are told apart, so that they can be deleted; null: they cannot. */
  readonly key: readonly string[] | null
  readonly mode: WriteMode
  /** Rows in one statement at most. */
  readonly batchRows: number
  /** Null: exactly once where checkpoints survive the loss of the process. */
  readonly delivery: Delivery | null
  readonly markerTable: string
  /** Output that may wait for its checkpoint, bytes. */
  readonly stagedBytesMax: number
}

/** Statements stay below this and below half of what the server takes, bytes. */
const batchBytesMax = 1024 * 1024
/** Room for what stands around the rows of a statement. */
const statementOverheadBytes = 64 * 1024

/**
 * Writes rows in statements of many, each of which is done as a whole or not at all; or keeps them for the checkpoint and
 * then writes them in one transaction, exactly once.
 */
export class MysqlSink implements SinkWriter {
  readonly commits?: SinkCommits
  readonly #context: ConnectorContext<'sink'>
  readonly #options: MysqlSinkOptions
  readonly #connection: MysqlOptions
  readonly #peer: Peer
  readonly #session: Session<MysqlClient>
  readonly #closing = new AbortController()
  readonly #refusals: LeavingOut
  readonly #staged: StagedCommits | undefined
  #batches: BatchWriter<RowItem> | undefined
  #rows: RowMaker | undefined
  #table: TargetTable | undefined
  #head: RowsHead | undefined
  #bytes = 0

  constructor(context: ConnectorContext<'sink'>) {
    this.#context = context
    this.#refusals = leavingOut(context)
    this.#options = context.operator.node.options['connector'] as unknown as MysqlSinkOptions
    const connection = connectionOf(context, 'mysql')
    this.#connection = mysqlOptions(connection)
    this.#peer = mysqlPeer(connection, this.#connection)
    const signal = AbortSignal.any([context.signal, this.#closing.signal])
    const { table, delivery, markerTable, batchRows, stagedBytesMax } = this.#options
    const checkpoints = exactlyOnce(context, delivery)
    this.#session = mysqlSession(this.#connection, this.#peer, signal, { table, holdsLocks: checkpoints !== undefined })
    if (!checkpoints) return
    const target = new MysqlCommits({
      ...{ session: this.#session, peer: this.#peer, user: this.#connection.user, checkpoints, markerTable },
      ...{ job: context.job, operator: context.operator.node.id, rowsMax: batchRows },
      bytesMax: () => this.#batchBytesMax,
      ...this.#refusals,
    })
    const head = () => this.#headNow() as unknown as Json
    this.#staged = new StagedCommits({ context, checkpoints, target, head, bytesMax: stagedBytesMax })
    this.commits = this.#staged
  }

  async open(): Promise<void> {
    const { table, batchRows, markerTable } = this.#options
    const { escape } = await import('mysql2')
    await this.#session.open()
    this.#table = await this.#session.run(async (client) => {
      const target = await lookUp(client, this.#peer, table, this.#options)
      if (this.#staged) {
        await demandTransactions(client, this.#peer, table)
        await ensureMarkerTable(client, this.#peer, this.#connection.user, markerTable)
      }
      return target
    })
    this.#rows = new RowMaker((text) => escape(text))
    if (this.#staged) return
    const send = (rows: readonly RowItem[]) => this.#write(rows)
    this.#batches = new BatchWriter({ itemsMax: batchRows, bytesMax: this.#batchBytesMax, send })
  }

  get #batchBytesMax(): number {
    return Math.min(batchBytesMax, Math.floor(this.#table!.statementBytesMax / 2))
  }

  write(
    values: readonly unknown[],
    _timestamps?: readonly number[],
    changes?: readonly ChangeKind[],
  ): void | Promise<void> {
    const check = (bytes: number) => this.#checkSize(bytes)
    for (const item of rowItems(this.#context, this.#rows!, this.#options.key, check, values, changes)) {
      this.#bytes += item.bytes
      if (this.#staged) this.#staged.add(stagedRow(item))
      else this.#batches!.add(item, item.bytes)
    }
    this.#head ??= this.#makeHead()
    return this.#staged ? this.#staged.ready() : this.#batches!.ready()
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
  #makeHead(): RowsHead | undefined {
    const columns = this.#rows!.columns
    if (!columns) return undefined
    const { table, mode, key } = this.#options
    const unknown = columns.find((name) => !this.#table!.columns.has(name.toLowerCase()))
    if (unknown === undefined) return { table, columns, key, mode }
    throw new LightflusError(
      'LF_MYSQL_COLUMN',
      `${at(this.#peer)}, table '${table}': there is no column '${unknown}'`,
      {
        details: { connection: this.#peer.connection, table, column: unknown },
      },
    )
  }

  /** What rows are; where all of them are deleted no row has told the columns yet. */
  #headNow(): RowsHead {
    const { table, mode, key } = this.#options
    return this.#head ?? { table, columns: [], key, mode }
  }

  async #write(items: readonly RowItem[]): Promise<void> {
    const statements = statementsFor(this.#headNow(), items)
    const refused = await this.#session.run(async (client) => {
      if (statements.length === 1) return this.#runStatement(client, statements[0]!)
      // One transaction, so that nobody sees a row that moves to another key nowhere or twice.
      await run(client, 'START TRANSACTION')
      const leftOut: LightflusError[] = []
      for (const statement of statements) leftOut.push(...(await this.#runStatement(client, statement)))
      await run(client, 'COMMIT')
      return leftOut
    })
    for (const error of refused) this.#refusals.onLeftOut(error)
  }

  /** Returns what was left out. */
  async #runStatement(client: MysqlClient, statement: RowsStatement): Promise<LightflusError[]> {
    if (!this.#refusals.leavesOut) {
      await run(client, statement.sql)
      return []
    }
    const errors: LightflusError[] = []
    const context = { peer: this.#peer, user: this.#connection.user, table: this.#options.table }
    for await (const { row, error } of refusedRows(client, statement, context))
      errors.push(new LightflusError(error.code, `${error.message}, for the row ${row}`, { cause: error }))
    return errors
  }

  flush(): Promise<void> {
    return this.#batches?.flush() ?? Promise.resolve()
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
