import { transitionOf, type LifecycleEvent } from '@lightflus/contracts'
import type { SerializedError } from '@lightflus/api'
import type { TenantTransaction } from '../database/database.ts'
import { type Deployment, Prisma } from '../generated/client.ts'
import { isTerminal } from './deployment-rows.ts'
import { notifyLive } from '../live/notify.ts'
import { recordJobEvent } from './job-events.ts'

export interface StateChange {
  readonly event: LifecycleEvent
  /** The caller's name, or `platform`. */
  readonly actor: string
  /** When it happens. */
  readonly at: Date
  /** Why, where more is known than the lifecycle's own sentence. */
  readonly detail?: string
  /** The error that stands in the status from now on; absent: it is left as it is. */
  readonly error?: SerializedError | null
  /** Other columns that change with it. */
  readonly set?: Prisma.DeploymentUncheckedUpdateInput
}

/**
 * The one way by which a deployment's state changes: by the lifecycle's table, with an event row. `unexpected` says that
 * the table has no entry; nothing is written then. The row must be locked.
 */
export async function changeState(
  tx: TenantTransaction,
  deployment: Deployment,
  change: StateChange,
): Promise<'changed' | 'stayed' | 'unexpected'> {
  const transition = transitionOf(deployment.state, change.event)
  if (transition === undefined) return 'unexpected'
  if (transition === 'stay') return 'stayed'
  await tx.client.deployment.update({
    where: { tenantId_id: { tenantId: tx.tenantId, id: deployment.id } },
    data: {
      ...change.set,
      state: transition.to,
      stateSince: change.at,
      ...(change.error === undefined ? {} : { error: jsonOrNull(change.error) }),
      ...(transition.to === 'RESTARTING' ? { restarts: { increment: 1 } } : {}),
      // What is over or at rest needs no worker.
      ...(isTerminal(transition.to) || transition.to === 'SUSPENDED' ? { workerId: null } : {}),
    },
  })
  await recordJobEvent(tx, {
    jobId: deployment.jobId,
    deploymentId: deployment.id,
    kind: change.event,
    from: deployment.state,
    to: transition.to,
    reason: change.detail ? `${transition.reason} ${change.detail}` : transition.reason,
    actor: change.actor,
  })
  return 'changed'
}

/** Shows an error in the status, without a change of state: why a deployment waits. */
export async function changeError(
  tx: TenantTransaction,
  deployment: Deployment,
  error: SerializedError,
): Promise<void> {
  if ((deployment.error as SerializedError | null)?.message === error.message) return
  const where = { tenantId_id: { tenantId: tx.tenantId, id: deployment.id } }
  await tx.client.deployment.update({ where, data: { error: jsonOrNull(error) } })
  await notifyLive(tx, deployment.jobId, 'status')
}

export function jsonOrNull(value: unknown): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return value === null || value === undefined ? Prisma.DbNull : (value as Prisma.InputJsonValue)
}
