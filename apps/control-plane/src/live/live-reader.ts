import type { LiveEvent } from '@lightflus/contracts'
import { Injectable } from '@nestjs/common'
import { Database, type TenantTransaction } from '../database/database.ts'
import type { Job } from '../generated/client.ts'
import { showEvent, showLogLine, showResultRow, viewOneJob } from '../jobs/job-view.ts'
import { showOperators } from '../jobs/metrics-view.ts'
import type { LiveKind } from './notify.ts'

/** How far a stream has shown what is numbered. */
export interface LivePosition {
  readonly log: bigint
  readonly row: bigint
  readonly event: bigint
}

export interface LiveUpdate {
  readonly events: LiveEvent[]
  readonly position: LivePosition
}

/** What a stream begins with of each, and what it shows at once at most: of more, only the newest. */
const linesMax = 200
const rowsMax = 500
const eventsMax = 50

/** Reads what a live stream shows next. */
@Injectable()
export class LiveReader {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Undefined once the job is gone. */
  async read(
    tenantId: string,
    jobId: string,
    kinds: ReadonlySet<LiveKind>,
    from: LivePosition,
  ): Promise<LiveUpdate | undefined> {
    return this.#database.tenant(tenantId, async (tx) => {
      const job = await tx.client.job.findUnique({ where: { tenantId_id: { tenantId, id: jobId } } })
      if (!job) return undefined
      const events: LiveEvent[] = []
      if (kinds.has('status')) events.push({ type: 'status', job: await viewOneJob(tx, job) })
      if (kinds.has('metrics')) events.push(...(await readMetrics(tx, job)))
      const newest = <T extends { readonly id: bigint }>(rows: readonly T[], before: bigint) =>
        rows.at(-1)?.id ?? before
      const after = (id: bigint, take: number) =>
        ({ where: { tenantId, jobId, id: { gt: id } }, orderBy: { id: 'desc' }, take }) as const
      const jobEvents = kinds.has('event')
        ? (await tx.client.jobEvent.findMany(after(from.event, eventsMax))).reverse()
        : []
      const lines = kinds.has('logs') ? (await tx.client.logLine.findMany(after(from.log, linesMax))).reverse() : []
      const rows = kinds.has('rows') ? (await tx.client.resultRow.findMany(after(from.row, rowsMax))).reverse() : []
      events.push(...jobEvents.map((event) => ({ type: 'event', event: showEvent(event) }) as const))
      if (lines.length > 0) events.push({ type: 'logs', lines: lines.map(showLogLine) })
      if (rows.length > 0) events.push({ type: 'rows', rows: rows.map((row) => showResultRow(row)) })
      const position = {
        log: newest(lines, from.log),
        row: newest(rows, from.row),
        event: newest(jobEvents, from.event),
      }
      return { events, position }
    })
  }
}

async function readMetrics(tx: TenantTransaction, job: Job): Promise<LiveEvent[]> {
  const deployment = await tx.client.deployment.findUnique({
    where: { tenantId_jobId_number: { tenantId: tx.tenantId, jobId: job.id, number: job.latestDeployment } },
    select: { state: true, metrics: true },
  })
  if (!deployment?.metrics) return []
  const { metrics, state } = deployment
  return [{ type: 'metrics', at: metrics.at.getTime(), state, operators: showOperators(metrics) }]
}
