import { randomUUID } from 'node:crypto'
import { uniqueName } from '@lightflus/testing/services'
import type { WorkerSpec } from '../../provisioner.ts'

/** A worker of a tenant of its own, unless told otherwise. */
export function newWorker(controlPlaneUrl: string, fields: Partial<WorkerSpec> = {}): WorkerSpec {
  return {
    workerId: randomUUID(),
    tenantId: randomUUID(),
    tenantName: uniqueName('tenant', '-'),
    placement: 'shared',
    token: `plain-${randomUUID()}`,
    controlPlaneUrl,
    slots: 1,
    slotHeapBytesMax: 64 * 1024 * 1024,
    checkpointLocations: ['/checkpoints/tenant'],
    ...fields,
  }
}
