import type { DeploymentReport } from '@lightflus/contracts'
import type { TenantTransaction } from '../database/database.ts'
import type { DeploymentAttempt } from '../generated/client.ts'
import { addCounters, countersOf, growth, isNothing, spreadOverHours } from './usage-counters.ts'

/**
 * Adds what a report shows of an attempt's use to the hours of its job; repeated, late and lost reports are harmless.
 * Returns the attempt's counters as they now are. The deployment's row must be locked.
 */
export async function recordUsage(
  tx: TenantTransaction,
  attempt: DeploymentAttempt,
  usage: DeploymentReport['usage'],
  now: number,
): Promise<DeploymentAttempt> {
  const grown = growth(attempt, countersOf(usage))
  if (isNothing(grown)) return attempt
  const { tenantId } = tx
  const { jobName } = attempt
  for (const { hour, counters } of spreadOverHours(grown, attempt.reportedAt.getTime(), now)) {
    const increments = Object.fromEntries(Object.entries(counters).map(([name, value]) => [name, { increment: value }]))
    await tx.client.usageHour.upsert({
      where: { tenantId_jobName_hour: { tenantId, jobName, hour: new Date(hour) } },
      create: { tenantId, jobName, hour: new Date(hour), ...counters },
      update: increments,
    })
  }
  return { ...attempt, ...addCounters(attempt, grown), reportedAt: new Date(now) }
}
