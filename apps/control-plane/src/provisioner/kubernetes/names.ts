import { createHash } from 'node:crypto'
import type { V1ObjectMeta } from '@kubernetes/client-node'
import type { WorkerIdentity } from '../provisioner.ts'

/** The one field manager of server-side apply: what it does not set belongs to others and is left alone. */
export const fieldManager = 'lightflus'

export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  name: 'app.kubernetes.io/name',
  platform: 'lightflus.dev/platform',
  tenantId: 'lightflus.dev/tenant-id',
  tenant: 'lightflus.dev/tenant',
  workerId: 'lightflus.dev/worker-id',
} as const

/** Annotation of a pod: which settings of the platform it was made by. */
export const settingsAnnotation = 'lightflus.dev/settings'

const nameLengthMax = 63

type Tenant = Pick<WorkerIdentity, 'tenantId' | 'tenantName'>

/** What whatever belongs to a tenant is found by. */
export function tenantLabels(platform: string, { tenantId, tenantName }: Tenant): Record<string, string> {
  return {
    [labels.managedBy]: 'lightflus',
    [labels.platform]: platform,
    [labels.tenantId]: tenantId,
    [labels.tenant]: tenantName,
  }
}

/** What whatever belongs to a worker is found by, also when the control plane that made it is gone. */
export function workerLabels(platform: string, worker: WorkerIdentity): Record<string, string> {
  return { ...tenantLabels(platform, worker), [labels.name]: 'lightflus-worker', [labels.workerId]: worker.workerId }
}

/** Selects all workers of a platform. */
export function workersSelector(platform: string): string {
  return `${labels.platform}=${platform},${labels.name}=lightflus-worker`
}

/** A tenant’s namespace. A name that would be too long is cut and told apart by the tenant’s id. */
export function tenantNamespace(prefix: string, { tenantId, tenantName }: Tenant): string {
  const whole = `${prefix}${tenantName}`
  if (whole.length <= nameLengthMax) return whole
  const mark = createHash('sha256').update(tenantId).digest('hex').slice(0, 8)
  return `${whole.slice(0, nameLengthMax - mark.length - 1)}-${mark}`
}

/** Of a worker's StatefulSet and all that it owns; short enough for the labels that Kubernetes makes of it. */
export function workerName(workerId: string): string {
  return `worker-${workerId}`
}

/** The worker that an object is part of; null for one that is part of none. */
export function workerOf(object: { readonly metadata?: V1ObjectMeta }): { workerId: string; tenantId: string } | null {
  const { [labels.workerId]: workerId, [labels.tenantId]: tenantId } = object.metadata?.labels ?? {}
  return workerId && tenantId ? { workerId, tenantId } : null
}
