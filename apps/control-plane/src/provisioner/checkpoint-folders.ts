import { dirname } from 'node:path'
import type { WorkerSpec } from './provisioner.ts'

/**
 * The folders of checkpoints that a worker may write: the tenant's, not only those of the jobs that it begins with,
 * since a shared worker is given others while it runs.
 */
export function checkpointFolders(spec: Pick<WorkerSpec, 'checkpointLocations'>): readonly string[] {
  return [...new Set(spec.checkpointLocations.map((location) => dirname(location)))]
}
