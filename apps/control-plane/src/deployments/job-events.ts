import type { DeploymentState } from '@lightflus/contracts'
import type { TenantTransaction } from '../database/database.ts'
import { trim } from '../database/trim.ts'
import { notifyLive } from '../live/notify.ts'

/** Newest events kept of a job. */
const eventsPerJobMax = 1_000

export interface NewJobEvent {
  readonly jobId: string
  readonly deploymentId?: string
  /** A lifecycle event's name, `deploy`, `version`, or `partFailed`: one of several workers does not take part. */
  readonly kind: string
  readonly from?: DeploymentState
  readonly to?: DeploymentState
  readonly reason: string
  /** The caller's name, or `platform`. */
  readonly actor: string
}

/** Writes down what happened to a job. */
export async function recordJobEvent(tx: TenantTransaction, event: NewJobEvent): Promise<void> {
  await tx.client.jobEvent.create({ data: { tenantId: tx.tenantId, ...event } })
  await trim(tx, 'job_event', event.jobId, eventsPerJobMax)
  await notifyLive(tx, event.jobId, 'event', 'status')
}
