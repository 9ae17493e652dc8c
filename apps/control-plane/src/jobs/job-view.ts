import type { SerializedError } from '@lightflus/api'
import {
  type CheckpointCounts,
  deploymentStateFacts,
  type Deployment as DeploymentView,
  type Job as JobView,
  type JobEvent as JobEventView,
  type LiveEvent,
  type RouteOutput,
  type Version as VersionView,
} from '@lightflus/contracts'
import type { TenantTransaction } from '../database/database.ts'
import type {
  Deployment,
  DeploymentCheckpoint,
  DeploymentMetrics,
  Job,
  JobEvent,
  LogLine,
  ResultRow,
  Version,
  Worker,
} from '../generated/client.ts'

type PlacedWorker = DeploymentView['status']['workers'][number]

type DeploymentFacts = Deployment & {
  readonly metrics: DeploymentMetrics | null
  readonly checkpoints: readonly DeploymentCheckpoint[]
  /** Those that are placed, by number, where there are several. */
  readonly placedWorkers: readonly Worker[]
}

const deploymentFacts = { metrics: true, checkpoints: { orderBy: { checkpoint: 'desc' }, take: 1 } } as const

/** Jobs as the API shows them, each with its present deployment. */
export async function viewJobs(tx: TenantTransaction, jobs: readonly Job[]): Promise<JobView[]> {
  const present = jobs.filter((job) => job.latestDeployment > 0)
  const deployments = await tx.client.deployment.findMany({
    where: {
      tenantId: tx.tenantId,
      OR: present.map((job) => ({ jobId: job.id, number: job.latestDeployment })),
    },
    include: deploymentFacts,
  })
  const byJob = new Map((await withWorkers(tx, deployments)).map((deployment) => [deployment.jobId, deployment]))
  return jobs.map((job) => viewJob(job, byJob.get(job.id)))
}

export async function viewOneJob(tx: TenantTransaction, job: Job): Promise<JobView> {
  return (await viewJobs(tx, [job]))[0]
}

/** One deployment as the API shows it. */
export async function viewDeployment(tx: TenantTransaction, job: Job, id: string): Promise<DeploymentView> {
  const where = { tenantId_id: { tenantId: tx.tenantId, id } }
  const found = await tx.client.deployment.findUniqueOrThrow({ where, include: deploymentFacts })
  const [deployment] = await withWorkers(tx, [found])
  return showDeployment(job, deployment)
}

async function withWorkers<Found extends Deployment>(
  tx: TenantTransaction,
  deployments: readonly Found[],
): Promise<(Found & Pick<DeploymentFacts, 'placedWorkers'>)[]> {
  const several = deployments.filter(({ workers, workerId }) => workers > 1 && workerId !== null)
  const firstIds = several.flatMap(({ workerId }) => workerId ?? [])
  const workers =
    several.length === 0
      ? []
      : await tx.client.worker.findMany({
          where: {
            tenantId: tx.tenantId,
            OR: [{ id: { in: firstIds } }, { partOf: { in: several.map(({ id }) => id) } }],
          },
          orderBy: { number: 'asc' },
        })
  return deployments.map((deployment) => ({
    ...deployment,
    placedWorkers: several.some(({ id }) => id === deployment.id)
      ? workers.filter((worker) => worker.id === deployment.workerId || worker.partOf === deployment.id)
      : [],
  }))
}

function viewJob(job: Job, deployment: DeploymentFacts | undefined): JobView {
  const { metrics } = deployment ?? {}
  // Rates of an attempt that is over are no rates.
  const current = metrics && deployment?.state === 'RUNNING' && metrics.attempt === deployment.attempt
  return {
    name: job.name,
    createdAt: job.createdAt.toISOString(),
    latestVersion: job.latestVersion || null,
    deployment: deployment ? showDeployment(job, deployment) : null,
    rates: current ? { in: metrics.recordsInPerSecond, out: metrics.recordsOutPerSecond } : null,
  }
}

function showDeployment(job: Job, row: DeploymentFacts): DeploymentView {
  const { desired, version, parallelism, workers, exchange, checkpointIntervalMs, placement, generation } = row
  const [checkpoint] = row.checkpoints
  return {
    id: row.id,
    job: job.name,
    createdAt: row.createdAt.toISOString(),
    spec: { desired, version, parallelism, workers, exchange, checkpointIntervalMs, placement, generation },
    status: {
      state: row.state,
      sentence: deploymentStateFacts[row.state].sentence,
      observedGeneration: row.observedGeneration,
      attempt: row.attempt,
      restarts: row.restarts,
      since: row.stateSince.toISOString(),
      error: row.error as SerializedError | null,
      lastCheckpoint: checkpoint ? showCheckpoint(checkpoint) : null,
      checkpointCounts: showCheckpointCounts(row),
      savepointPending: row.savepointsAsked > row.savepointsTaken,
      workers: row.placedWorkers.map(showWorker),
    },
  }
}

function showWorker({ number, startedAt, lastSyncAt, residentBytes, error }: Worker): PlacedWorker {
  return {
    number,
    state: startedAt === null ? 'placing' : lastSyncAt === null ? 'starting' : 'running',
    heardAt: lastSyncAt?.toISOString() ?? null,
    residentBytes: residentBytes === null ? null : Number(residentBytes),
    error: error as SerializedError | null,
  }
}

function showCheckpointCounts(row: Deployment): CheckpointCounts {
  return {
    completed: Number(row.checkpointsCompleted),
    failed: Number(row.checkpointsFailed),
    lastFailure: row.checkpointFailure as CheckpointCounts['lastFailure'],
  }
}

export type Checkpoint = RouteOutput<'listCheckpoints'>['items'][number]

export function showCheckpoint(row: DeploymentCheckpoint): Checkpoint {
  return {
    checkpoint: Number(row.checkpoint),
    attempt: row.attempt,
    kind: row.kind,
    completedAt: row.completedAt.getTime(),
    durationMs: row.durationMs,
    bytes: Number(row.bytes),
    location: row.location,
    alignmentMs: row.alignmentMs,
    pauseMs: row.pauseMs,
    commitMs: row.commitMs,
  }
}

export function showVersion(row: Omit<Version, 'bundleText'>): VersionView {
  return {
    ...showVersionSummary(row),
    graph: row.graph as VersionView['graph'],
    program: { fileName: row.programFile, text: row.programText },
  }
}

export type VersionSummary = RouteOutput<'listVersions'>['items'][number]

export function showVersionSummary(row: Omit<Version, 'bundleText' | 'graph' | 'programText'>): VersionSummary {
  return {
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    bundleSha256: row.bundleSha256,
    graphHash: row.graphHash,
    diagnostics: row.diagnostics as VersionView['diagnostics'],
  }
}

export function showEvent(row: JobEvent): JobEventView {
  const { kind, from, to, reason, actor } = row
  return { id: String(row.id), at: row.at.toISOString(), kind, from, to, reason, actor }
}

export type StoredLogLine = RouteOutput<'listLogs'>['items'][number]

export function showLogLine(row: LogLine): StoredLogLine {
  const { attempt, sequence, level, operator, message } = row
  return { id: String(row.id), attempt, sequence, at: row.at.getTime(), level, operator, message }
}

export type StoredRow = RouteOutput<'listRows'>['items'][number]

export type LiveRow = Extract<LiveEvent, { type: 'rows' }>['rows'][number]

/** Null where the row is gone. */
export function showResultRow<Shown extends LiveRow>(row: ResultRow): Shown {
  const { sequence, sink, key } = row
  return { id: String(row.id), sequence, at: row.at.getTime(), sink, key, row: row.row } as Shown
}
