import type { SerializedError } from '@lightflus/api'
import type { PartReport } from '@lightflus/contracts'
import type { TenantTransaction } from '../database/database.ts'
import { jsonOrNull } from '../deployments/change-state.ts'
import { recordJobEvent } from '../deployments/job-events.ts'
import { hostedBy } from '../deployments/worker-share.ts'
import { notifyLive } from '../live/notify.ts'
import { storableJson } from './storable.ts'

/**
 * Takes in what a worker other than the first says of its part of a deployment: why it does not take part, if so. It
 * stands beside the worker and among the job's events; the deployment's own state and error are for worker 0 to tell.
 */
export async function recordPart(tx: TenantTransaction, workerId: string, report: PartReport): Promise<void> {
  const { tenantId } = tx
  const worker = await tx.client.worker.findUnique({ where: { tenantId_id: { tenantId, id: workerId } } })
  if (worker?.partOf !== report.deploymentId) return
  const error = storableJson(report.error) as SerializedError | null
  if (error?.message === (worker.error as SerializedError | null)?.message) return
  await tx.client.worker.updateMany({ where: { tenantId, id: workerId }, data: { error: jsonOrNull(error) } })
  const deployment = await tx.client.deployment.findFirst({ where: hostedBy(worker) })
  if (!deployment) return
  await notifyLive(tx, deployment.jobId, 'status')
  if (!error) return
  await recordJobEvent(tx, {
    jobId: deployment.jobId,
    deploymentId: deployment.id,
    kind: 'partFailed',
    reason: `Worker ${worker.number} of ${deployment.workers} does not take part. ${error.code}: ${error.message}`,
    actor: 'platform',
  })
}
