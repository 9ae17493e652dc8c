import type { DeploymentReport } from '@lightflus/contracts'
import type { TenantTransaction } from '../database/database.ts'
import { trim } from '../database/trim.ts'
import { type Deployment, type DeploymentAttempt, Prisma } from '../generated/client.ts'
import { type LiveKind, notifyLive } from '../live/notify.ts'
import type { Limits } from '../platform/limits.ts'
import { storableJson, storableText } from './storable.ts'

/** Rows that are gone which are told of in live streams: as many as a report holds. */
const goneRowsPerJobMax = 500
/** A row whose JSON is longer is not shown. */
const rowLengthMax = 65_536

/**
 * Stores what a report brings of log lines, result rows and checkpoints, each bounded per job: the oldest go. What is
 * stored already is skipped by its sequence. Returns the highest sequences stored.
 */
export async function storeOutput(
  tx: TenantTransaction,
  deployment: Deployment,
  attempt: DeploymentAttempt,
  report: DeploymentReport,
  limits: Limits,
): Promise<{ readonly logSequence: number; readonly rowSequence: number }> {
  const kinds: LiveKind[] = []
  const logs = report.logs.filter((line) => line.sequence > attempt.logSequence)
  if (logs.length > 0) {
    await storeLogs(tx, deployment, report.attempt, logs)
    await trim(tx, 'log_line', deployment.jobId, limits.logLinesPerJobMax)
    kinds.push('logs')
  }
  const rows = report.rows.filter((row) => row.sequence > attempt.rowSequence)
  if (rows.length > 0) {
    await storeRows(tx, deployment, report.attempt, rows)
    // Apart, so that rows that are gone push out none that are there.
    const { jobId } = deployment
    await trim(tx, 'result_row', jobId, limits.resultRowsPerJobMax, Prisma.sql`AND row::text <> 'null'`)
    await trim(tx, 'result_row', jobId, goneRowsPerJobMax, Prisma.sql`AND row::text = 'null'`)
    kinds.push('rows')
  }
  if (await storeCheckpoints(tx, deployment, report, limits.checkpointsPerJobMax)) kinds.push('status')
  if (kinds.length > 0) await notifyLive(tx, deployment.jobId, ...kinds)
  const highest = (entries: readonly { readonly sequence: number }[], from: number) =>
    entries.reduce((max, { sequence }) => Math.max(max, sequence), from)
  return { logSequence: highest(logs, attempt.logSequence), rowSequence: highest(rows, attempt.rowSequence) }
}

async function storeLogs(
  tx: TenantTransaction,
  deployment: Deployment,
  attempt: number,
  logs: DeploymentReport['logs'],
): Promise<void> {
  await tx.client.logLine.createMany({
    data: logs.map(({ sequence, at, level, operator, message }) => ({
      tenantId: tx.tenantId,
      jobId: deployment.jobId,
      deploymentId: deployment.id,
      attempt,
      sequence,
      at: new Date(at),
      level,
      operator: operator === null ? null : storableText(operator),
      message: storableText(message),
    })),
  })
}

async function storeRows(
  tx: TenantTransaction,
  deployment: Deployment,
  attempt: number,
  rows: DeploymentReport['rows'],
): Promise<void> {
  const { tenantId } = tx
  const { jobId, id: deploymentId } = deployment
  const keyed = new Map<string, DeploymentReport['rows'][number]>()
  const appended: DeploymentReport['rows'] = []
  for (const row of rows)
    if (row.key === null) appended.push(row)
    else keyed.set(JSON.stringify([row.sink, row.key]), row)
  // A row with a key takes the place of the one before it.
  const replaced = [...keyed.values()].map(
    (row) => Prisma.sql`(${storableText(row.sink)}, ${storableText(row.key ?? '')})`,
  )
  if (replaced.length > 0)
    await tx.client.$executeRaw`
      DELETE FROM result_row WHERE tenant_id = ${tenantId}::uuid AND job_id = ${jobId}::uuid
      AND (sink, key) IN (${Prisma.join(replaced)})`
  const data = [...appended, ...keyed.values()]
    .toSorted((a, b) => a.sequence - b.sequence)
    .map(({ sequence, at, sink, key, row }) => ({
      tenantId,
      jobId,
      deploymentId,
      attempt,
      sequence,
      at: new Date(at),
      sink: storableText(sink),
      key: key === null ? null : storableText(key),
      // A row that is gone keeps its place for a while, so that those who watch hear of it.
      row: row === null ? Prisma.JsonNull : showable(row),
    }))
  await tx.client.resultRow.createMany({ data })
}

function showable(row: Record<string, unknown>): Prisma.InputJsonObject {
  const json = storableJson(row) as Prisma.InputJsonObject
  return JSON.stringify(json).length <= rowLengthMax
    ? json
    : { '…': `This row is longer than ${rowLengthMax} characters.` }
}

async function storeCheckpoints(
  tx: TenantTransaction,
  deployment: Deployment,
  report: DeploymentReport,
  kept: number,
): Promise<boolean> {
  if (report.checkpoints.length === 0) return false
  const { tenantId } = tx
  const { jobId, id: deploymentId } = deployment
  const { count } = await tx.client.deploymentCheckpoint.createMany({
    data: report.checkpoints.map((checkpoint) => ({
      tenantId,
      jobId,
      deploymentId,
      checkpoint: BigInt(checkpoint.checkpoint),
      attempt: checkpoint.attempt,
      kind: checkpoint.kind,
      completedAt: new Date(checkpoint.completedAt),
      durationMs: checkpoint.durationMs,
      bytes: BigInt(Math.round(checkpoint.bytes)),
      location: storableText(checkpoint.location),
      alignmentMs: checkpoint.alignmentMs,
      pauseMs: checkpoint.pauseMs,
      commitMs: checkpoint.commitMs,
    })),
    skipDuplicates: true,
  })
  const committed = await storeCommits(tx, deployment, report)
  await tx.client.$executeRaw`
    DELETE FROM deployment_checkpoint WHERE tenant_id = ${tenantId}::uuid AND job_id = ${jobId}::uuid AND checkpoint <= (
      SELECT checkpoint FROM deployment_checkpoint WHERE tenant_id = ${tenantId}::uuid AND job_id = ${jobId}::uuid
      ORDER BY checkpoint DESC OFFSET ${kept} LIMIT 1)`
  return count > 0 || committed
}

/** Commits come after the checkpoint, and so mostly in a later report than it did. */
async function storeCommits(tx: TenantTransaction, deployment: Deployment, report: DeploymentReport): Promise<boolean> {
  const { tenantId } = tx
  const { id: deploymentId } = deployment
  let stored = 0
  for (const { checkpoint, commitMs } of report.checkpoints) {
    if (commitMs === null) continue
    const where = { tenantId, deploymentId, checkpoint: BigInt(checkpoint), commitMs: null }
    stored += (await tx.client.deploymentCheckpoint.updateMany({ where, data: { commitMs } })).count
  }
  return stored > 0
}
