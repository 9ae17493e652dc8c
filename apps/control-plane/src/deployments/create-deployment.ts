import { randomUUID } from 'node:crypto'
import { LightflusError } from '@lightflus/api'
import type { TenantTransaction } from '../database/database.ts'
import type { Deployment, Job, Placement, Version } from '../generated/client.ts'
import { assertConnectionsFit } from '../connections/connection-use.ts'
import type { Exchanges, Spread } from '../connections/exchanges.ts'
import { changeState } from './change-state.ts'
import { isTerminal, lockPresentDeployment } from './deployment-rows.ts'
import { recordJobEvent } from './job-events.ts'
import { assertSlotQuota } from './quota.ts'

export interface DeploymentWish extends Spread {
  readonly version: number
  readonly checkpointIntervalMs: number
  readonly placement: Placement
  readonly restore: boolean
  /** Number of the checkpoint to start from. Default: the newest. */
  readonly restoreFrom?: bigint
  readonly acceptRepeats?: boolean
  readonly dropState?: string[]
}

export interface CreateDeploymentCommand {
  /** Locked. */
  readonly job: Job
  readonly wish: DeploymentWish
  readonly exchanges: Exchanges
  readonly actor: string
  readonly at: Date
}

/** What was written, by id: those whom the reconciler has to look at. */
export interface CreatedDeployment {
  readonly created: Deployment
  readonly replaced: Deployment | undefined
}

/**
 * Asks for a version to run. The job's present deployment, if it is not over, is asked to stop with a savepoint; the new
 * one waits for its end in PENDING.
 * @throws LF_VERSION_NOT_FOUND, LF_RESTORE_UNKNOWN, LF_QUOTA_EXCEEDED, LF_CONNECTION_MISSING, LF_CONNECTION_KIND,
 * LF_WORKERS_SLOTS, LF_WORKERS_EXCHANGE
 */
export async function createDeployment(
  tx: TenantTransaction,
  command: CreateDeploymentCommand,
): Promise<CreatedDeployment> {
  const { job, wish, exchanges, actor, at } = command
  const version = await requireVersion(tx, job, wish.version)
  await assertConnectionsFit(tx, version)
  await exchanges.assertFits(tx, job.name, wish)
  if (wish.restoreFrom !== undefined) await assertKnown(tx, job, wish.restoreFrom)
  const present = await lockPresentDeployment(tx, job)
  const replaced = present && !isTerminal(present.state) ? present : undefined
  await assertSlotQuota(tx, wish.parallelism, replaced?.id)
  if (replaced)
    await changeState(tx, replaced, {
      event: 'replace',
      actor,
      at,
      set: { desired: 'stopped', generation: { increment: 1 } },
    })
  const { latestDeployment: number } = await tx.client.job.update({
    where: { tenantId_id: { tenantId: tx.tenantId, id: job.id } },
    data: { latestDeployment: { increment: 1 } },
  })
  const created = await tx.client.deployment.create({
    data: {
      tenantId: tx.tenantId,
      id: randomUUID(),
      jobId: job.id,
      number,
      createdBy: actor,
      createdAt: at,
      stateSince: at,
      ...wish,
    },
  })
  const from = wish.restoreFrom === undefined ? '' : ` from checkpoint ${wish.restoreFrom}`
  await recordJobEvent(tx, {
    jobId: job.id,
    deploymentId: created.id,
    kind: 'deploy',
    to: 'PENDING',
    reason: `Version ${wish.version} was deployed${from}${replaced ? '; it waits for the one before to end' : ''}.`,
    actor,
  })
  return { created, replaced }
}

/**
 * Whether the job's storage still keeps it only its worker can tell; but what was never there should not end what runs.
 * @throws LF_RESTORE_UNKNOWN
 */
async function assertKnown(tx: TenantTransaction, job: Job, checkpoint: bigint): Promise<void> {
  const where = { tenantId: tx.tenantId, jobId: job.id }
  const known = await tx.client.deploymentCheckpoint.findMany({
    where,
    select: { kind: true, checkpoint: true },
    orderBy: { checkpoint: 'desc' },
  })
  if (known.some((each) => each.checkpoint === checkpoint)) return
  const newest = known.slice(0, 10).map((each) => `${each.kind} ${each.checkpoint}`)
  throw new LightflusError(
    'LF_RESTORE_UNKNOWN',
    `Job ${job.name} has no checkpoint or savepoint ${checkpoint}; ${newest.length === 0 ? 'it has none' : `its newest are ${newest.join(', ')}`}.`,
    { details: { job: job.name, checkpoint: Number(checkpoint) } },
  )
}

/** @throws LF_VERSION_NOT_FOUND */
export async function requireVersion(tx: TenantTransaction, job: Job, version: number): Promise<VersionFacts> {
  const where = { tenantId_jobId_version: { tenantId: tx.tenantId, jobId: job.id, version } }
  const found = await tx.client.version.findUnique({ where, omit: { bundleText: true, programText: true } })
  if (found) return found
  throw new LightflusError('LF_VERSION_NOT_FOUND', `Job ${job.name} has no version ${version}.`, {
    details: { job: job.name },
  })
}

export type VersionFacts = Omit<Version, 'bundleText' | 'programText'>
