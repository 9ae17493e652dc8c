import type { CheckpointCounts } from '@lightflus/contracts'
import type { TenantTransaction } from '../database/database.ts'
import type { DeploymentAttempt, Prisma } from '../generated/client.ts'
import { storableText } from './storable.ts'

/** A reason that is longer is cut. */
const reasonLengthMax = 1_000

/**
 * Adds to the deployment's counters what a report has beyond the reports before it of its attempt, so repeated and late
 * ones are harmless. Returns the attempt's counters as they now are. The deployment's row must be locked.
 */
export async function countCheckpoints(
  tx: TenantTransaction,
  attempt: DeploymentAttempt,
  { completed, failed, lastFailure }: CheckpointCounts,
): Promise<Pick<DeploymentAttempt, 'checkpointsCompleted' | 'checkpointsFailed'>> {
  const checkpointsCompleted = Math.max(attempt.checkpointsCompleted, completed)
  const checkpointsFailed = Math.max(attempt.checkpointsFailed, failed)
  const moreCompleted = checkpointsCompleted - attempt.checkpointsCompleted
  const moreFailed = checkpointsFailed - attempt.checkpointsFailed
  if (moreCompleted > 0 || moreFailed > 0) {
    const { tenantId } = tx
    const data: Prisma.DeploymentUncheckedUpdateInput = {
      checkpointsCompleted: { increment: moreCompleted },
      checkpointsFailed: { increment: moreFailed },
    }
    if (moreFailed > 0 && lastFailure) {
      const reason = storableText(lastFailure.reason.slice(0, reasonLengthMax))
      data.checkpointFailure = { ...lastFailure, reason }
    }
    await tx.client.deployment.update({ where: { tenantId_id: { tenantId, id: attempt.deploymentId } }, data })
  }
  return { checkpointsCompleted, checkpointsFailed }
}
