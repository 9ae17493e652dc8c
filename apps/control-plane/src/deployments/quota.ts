import { LightflusError } from '@lightflus/api'
import type { TenantTransaction } from '../database/database.ts'
import { activeStates } from './deployment-rows.ts'

interface Quotas {
  readonly name: string
  readonly jobsMax: number
  readonly slotsMax: number
}

/** The tenant's quotas; the row is held, so that two requests cannot both take what is left for one. */
async function lockQuotas(tx: TenantTransaction): Promise<Quotas> {
  const rows = await tx.client.$queryRaw<Quotas[]>`
    SELECT name, jobs_max AS "jobsMax", slots_max AS "slotsMax" FROM tenant WHERE id = ${tx.tenantId}::uuid FOR UPDATE`
  return rows[0]
}

/** @throws LF_QUOTA_EXCEEDED when the tenant may not have another job */
export async function assertJobQuota(tx: TenantTransaction): Promise<void> {
  const quotas = await lockQuotas(tx)
  const jobs = await tx.client.job.count({ where: { tenantId: tx.tenantId } })
  if (jobs < quotas.jobsMax) return
  throw new LightflusError('LF_QUOTA_EXCEEDED', `Tenant ${quotas.name} may have ${quotas.jobsMax} jobs and has them.`)
}

/**
 * @param replaced the deployment whose slots become free for the new one
 * @throws LF_QUOTA_EXCEEDED when the tenant may not use this many slots more
 */
export async function assertSlotQuota(tx: TenantTransaction, slots: number, replaced?: string): Promise<void> {
  const quotas = await lockQuotas(tx)
  const { _sum } = await tx.client.deployment.aggregate({
    where: { tenantId: tx.tenantId, state: { in: activeStates }, ...(replaced ? { id: { not: replaced } } : {}) },
    _sum: { parallelism: true },
  })
  const used = _sum.parallelism ?? 0
  if (used + slots <= quotas.slotsMax) return
  throw new LightflusError(
    'LF_QUOTA_EXCEEDED',
    `Tenant ${quotas.name} may use ${quotas.slotsMax} slots; ${used} are in use and ${slots} more were asked for.`,
  )
}
