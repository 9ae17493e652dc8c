import { dirname } from 'node:path'
import { parseStorageLocation } from '@lightflus/storage'
import type { WorkerSpec } from './provisioner.ts'

/**
 * The folders of checkpoints that a worker may write: the tenant's, not only those of the jobs that it begins with,
 * since a shared worker is given others while it runs. None where they lie in S3.
 */
export function checkpointFolders(spec: Pick<WorkerSpec, 'checkpointLocations'>): readonly string[] {
  return [...new Set(mountedLocations(spec).map((location) => dirname(location)))]
}

/** Those of its places that are folders. */
export function mountedLocations({ checkpointLocations }: Pick<WorkerSpec, 'checkpointLocations'>): readonly string[] {
  return checkpointLocations.filter((location) => parseStorageLocation(location).kind === 'folder')
}

/** Whether the worker needs what a store of objects asks for: credentials, and a way to it. */
export function usesObjectStore(spec: Pick<WorkerSpec, 'checkpointLocations'>): boolean {
  return mountedLocations(spec).length < spec.checkpointLocations.length
}
