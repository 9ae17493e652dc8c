import { LightflusError } from '@lightflus/api'
import type { SinkCheckpoints } from '@lightflus/engine'
import { at, type Peer } from '../connection-errors.ts'
import type { Session } from '../session.ts'
import { markerFenced, markerLost } from '../staging/commit-errors.ts'
import type { CommitOutput, CommitTarget } from '../staging/commit-target.ts'
import { mayPass, mysqlError } from './mysql-errors.ts'
import { rowsOf, run, type MysqlClient } from './mysql-session.ts'
import { rowBatches, statementsFor, type RowsHead, type RowsStatement } from './mysql-statements.ts'
import { identifier } from './sql-row.ts'

export interface MysqlCommitsOptions {
  readonly session: Session<MysqlClient>
  readonly peer: Peer
  readonly user: string
  readonly job: string
  readonly operator: string
  readonly checkpoints: Pick<SinkCheckpoints, 'lineage' | 'attempt'>
  readonly markerTable: string
  readonly rowsMax: number
  /** Of a statement. */
  readonly bytesMax: () => number
}

/** What the server may say of rows that it will say again: all else is as it is without transactions. */
const refusedForGood = new Set(['LF_MYSQL_CONSTRAINT', 'LF_MYSQL_COLUMN', 'LF_CONNECTION_TARGET'])
const shownCharactersMax = 200

/**
 * Writes output and marker in one transaction. It takes the marker's row first, so the row's lock keeps others of the same
 * subtask out until the end, and a marker that is another attempt's ends it before anything is written.
 */
export class MysqlCommits implements CommitTarget {
  readonly #options: MysqlCommitsOptions
  readonly #table: string

  constructor(options: MysqlCommitsOptions) {
    this.#options = options
    this.#table = identifier(options.markerTable)
  }

  async claim(subtasks: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const { session, operator, job, checkpoints } = this.#options
    const { lineage, attempt } = checkpoints
    // In one order, so that two attempts cannot each hold what the other waits for.
    const ascending = [...subtasks].sort((a, b) => a - b)
    const rows = await session.run(async (client) => {
      await run(
        client,
        `INSERT INTO ${this.#table} (lineage, operator, subtask, attempt, checkpoint, job) VALUES ${ascending.map(() => '(?,?,?,?,0,?)').join(',')} ON DUPLICATE KEY UPDATE attempt = GREATEST(attempt, VALUES(attempt))`,
        ascending.flatMap((subtask) => [lineage, operator, subtask, attempt, job]),
      )
      return rowsOf(
        client,
        `SELECT subtask, attempt, checkpoint FROM ${this.#table} WHERE lineage = ? AND operator = ? AND subtask IN (?)`,
        [lineage, operator, ascending],
      )
    })
    for (const row of rows)
      if (Number(row['attempt']) !== attempt) throw markerFenced(operator, attempt, Number(row['attempt']))
    return new Map(rows.map((row) => [Number(row['subtask']), Number(row['checkpoint'])]))
  }

  async write(output: CommitOutput): Promise<void> {
    const { session, operator, checkpoints } = this.#options
    const { subtask, from, to } = output
    const place = [checkpoints.lineage, operator, subtask]
    await session.run(async (client) => {
      await run(client, 'START TRANSACTION')
      const [taken] = await run(
        client,
        `UPDATE ${this.#table} SET checkpoint = ? WHERE lineage = ? AND operator = ? AND subtask = ? AND attempt = ? AND checkpoint = ?`,
        [to, ...place, checkpoints.attempt, from],
      )
      if ((taken as unknown as { readonly affectedRows: number }).affectedRows !== 1) {
        await run(client, 'ROLLBACK')
        return this.#demandDone(client, output)
      }
      for (const segment of output.segments) {
        const head = segment.head as unknown as RowsHead
        const bounds = { rowsMax: this.#options.rowsMax, bytesMax: this.#options.bytesMax() }
        for (const items of rowBatches(segment, bounds))
          for (const statement of statementsFor(head, items))
            await this.#run(client, statement, head, segment.checkpoint)
      }
      await run(client, 'COMMIT')
    })
  }

  /** The marker could not be moved: it has been moved already, by a transaction whose answer was lost. */
  async #demandDone(client: MysqlClient, { subtask, from, to }: CommitOutput): Promise<void> {
    const { operator, checkpoints } = this.#options
    const [row] = await rowsOf(
      client,
      `SELECT attempt, checkpoint FROM ${this.#table} WHERE lineage = ? AND operator = ? AND subtask = ?`,
      [checkpoints.lineage, operator, subtask],
    )
    const [attempt, found] = [Number(row?.['attempt'] ?? 0), Number(row?.['checkpoint'] ?? 0)]
    if (attempt > checkpoints.attempt) throw markerFenced(operator, checkpoints.attempt, attempt)
    if (attempt === checkpoints.attempt && found === to) return
    throw markerLost(operator, { subtask, found, expected: from })
  }

  /** @throws LF_SINK_COMMIT_REFUSED with the row that the server refuses */
  async #run(client: MysqlClient, { sql, single }: RowsStatement, head: RowsHead, checkpoint: number): Promise<void> {
    try {
      await run(client, sql)
    } catch (thrown) {
      const error = this.#refusal(thrown, head)
      if (error === undefined) throw thrown
      await this.#findRefused(client, single, head, checkpoint)
      throw this.#refused(error, head, checkpoint)
    }
  }

  #refusal(thrown: unknown, { table }: RowsHead): LightflusError | undefined {
    if (mayPass(thrown)) return undefined
    const error = mysqlError(thrown, this.#options.peer, this.#options.user, table)
    return refusedForGood.has(error.code) ? error : undefined
  }

  /** The statement is undone, the transaction still open: row by row it shows which one it was. */
  async #findRefused(
    client: MysqlClient,
    single: RowsStatement['single'],
    head: RowsHead,
    checkpoint: number,
  ): Promise<void> {
    for (const { sql, row } of single) {
      try {
        await run(client, sql)
      } catch (thrown) {
        const error = this.#refusal(thrown, head)
        throw error === undefined ? thrown : this.#refused(error, head, checkpoint, row)
      }
    }
  }

  #refused(cause: LightflusError, { table }: RowsHead, checkpoint: number, row?: string): LightflusError {
    const { peer, operator } = this.#options
    const shown = row !== undefined && row.length > shownCharactersMax ? `${row.slice(0, shownCharactersMax)}…` : row
    const what = cause.message.replace(`${at(peer)}, table '${table}': `, '').replace(`${at(peer)}: `, '')
    return new LightflusError(
      'LF_SINK_COMMIT_REFUSED',
      `${at(peer)}, table '${table}': ${what}${shown === undefined ? '' : `, for the row ${shown}`}, in the output of checkpoint ${checkpoint}, which is kept`,
      {
        details: {
          connection: peer.connection,
          operator,
          table,
          checkpoint,
          ...(shown === undefined ? {} : { row: shown }),
        },
        cause,
      },
    )
  }
}
