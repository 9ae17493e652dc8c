import { LightflusError } from '@lightflus/api'
import { deploymentStateFacts, deploymentStates, type DeploymentState } from '@lightflus/contracts'
import type { TenantTransaction } from '../database/database.ts'
import type { Deployment, Job } from '../generated/client.ts'

/** States in which a worker has to host a deployment: all that are neither over nor at rest. */
export const activeStates: DeploymentState[] = deploymentStates.filter(
  (state) => !deploymentStateFacts[state].terminal && state !== 'SUSPENDED',
)
export const terminalStates: DeploymentState[] = deploymentStates.filter(
  (state) => deploymentStateFacts[state].terminal,
)
export const unendedStates: DeploymentState[] = deploymentStates.filter(
  (state) => !deploymentStateFacts[state].terminal,
)

export function isTerminal(state: DeploymentState): boolean {
  return deploymentStateFacts[state].terminal
}

/** @throws LF_JOB_NOT_FOUND, also for a job of another tenant, which cannot be told from one that does not exist */
export async function requireJob(tx: TenantTransaction, name: string): Promise<Job> {
  const job = await tx.client.job.findUnique({ where: { tenantId_name: { tenantId: tx.tenantId, name } } })
  if (!job) throw new LightflusError('LF_JOB_NOT_FOUND', `There is no job ${name}.`, { details: { job: name } })
  return job
}

/** The job's row, held until the transaction ends: what is numbered in a job is numbered by one at a time. */
export async function lockJob(tx: TenantTransaction, name: string): Promise<Job> {
  const { id } = await requireJob(tx, name)
  await tx.client.$queryRaw`SELECT id FROM job WHERE tenant_id = ${tx.tenantId}::uuid AND id = ${id}::uuid FOR UPDATE`
  return requireJob(tx, name)
}

/** A deployment's row, held until the transaction ends; undefined if there is none. */
export async function lockDeployment(tx: TenantTransaction, id: string): Promise<Deployment | undefined> {
  await tx.client
    .$queryRaw`SELECT id FROM deployment WHERE tenant_id = ${tx.tenantId}::uuid AND id = ${id}::uuid FOR UPDATE`
  return (await tx.client.deployment.findUnique({ where: { tenantId_id: { tenantId: tx.tenantId, id } } })) ?? undefined
}

/** The job's present deployment: its newest. */
export async function lockPresentDeployment(tx: TenantTransaction, job: Job): Promise<Deployment | undefined> {
  const where = { tenantId_jobId_number: { tenantId: tx.tenantId, jobId: job.id, number: job.latestDeployment } }
  const found = await tx.client.deployment.findUnique({ where, select: { id: true } })
  return found ? lockDeployment(tx, found.id) : undefined
}
