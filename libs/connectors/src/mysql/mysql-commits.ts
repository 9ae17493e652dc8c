import { LightflusError } from '@lightflus/api'
import type { SinkCheckpoints } from '@lightflus/engine'
import { at, type Peer } from '../connection-errors.ts'
import type { Session } from '../session.ts'
import { markerFenced, markerLost } from '../staging/commit-errors.ts'
import type { CommitOutput, CommitTarget } from '../staging/commit-target.ts'
import type { LeavingOut } from '../staging/leaving-out.ts'
import type { StagedSegment } from '../staging/staged-output.ts'
import { rowsOf, run, type MysqlClient } from './mysql-session.ts'
import { rowBatches, statementsFor, type RowsHead } from './mysql-statements.ts'
import { refusedRows, type RefusedRow } from './refused-rows.ts'
import { identifier } from './sql-row.ts'

export interface MysqlCommitsOptions extends LeavingOut {
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
    let leftOut: LightflusError[] = []
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
      leftOut = []
      for (const segment of output.segments) leftOut.push(...(await this.#writeSegment(client, segment)))
      await run(client, 'COMMIT')
    })
    // Only now, since a transaction that is done again finds them again.
    for (const error of leftOut) this.#options.onLeftOut(error)
  }

  /**
   * Returns what was left out.
   * @throws LF_SINK_COMMIT_REFUSED with the first row that the server refuses, where none may be
   */
  async #writeSegment(client: MysqlClient, segment: StagedSegment): Promise<LightflusError[]> {
    const { rowsMax, bytesMax, leavesOut, peer, user } = this.#options
    const head = segment.head as unknown as RowsHead
    const refusal = { peer, user, table: head.table }
    const errors: LightflusError[] = []
    for (const items of rowBatches(segment, { rowsMax, bytesMax: bytesMax() }))
      for (const statement of statementsFor(head, items))
        for await (const row of refusedRows(client, statement, refusal)) {
          const error = this.#refused(row, head, segment.checkpoint, !leavesOut)
          if (!leavesOut) throw error
          errors.push(error)
        }
    return errors
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

  #refused(
    { error: cause, row }: RefusedRow,
    { table }: RowsHead,
    checkpoint: number,
    isKept: boolean,
  ): LightflusError {
    const { peer, operator } = this.#options
    const shown = row.length > shownCharactersMax ? `${row.slice(0, shownCharactersMax)}…` : row
    const what = cause.message.replace(`${at(peer)}, table '${table}': `, '').replace(`${at(peer)}: `, '')
    return new LightflusError(
      'LF_SINK_COMMIT_REFUSED',
      `${at(peer)}, table '${table}': ${what}, for the row ${shown}, in the output of checkpoint ${checkpoint}, ${isKept ? 'which is kept' : 'which leaves it out'}`,
      {
        details: { connection: peer.connection, operator, table, checkpoint, row: shown },
        cause,
      },
    )
  }
}
