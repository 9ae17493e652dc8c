import { isAbsolute } from 'node:path'
import type { V1Namespace } from '@kubernetes/client-node'
import { LightflusError } from '@lightflus/api'
import type { KubernetesConfig } from '../../config/kubernetes-config.ts'
import { usesObjectStore } from '../checkpoint-folders.ts'
import type { WorkerSpec } from '../provisioner.ts'
import { labels } from './names.ts'
import type { SeenWorker } from './worker-presence.ts'

export interface Observed extends SeenWorker {
  /** Null: the tenant has none yet. */
  readonly namespace: V1Namespace | null
}

/**
 * Asserts that a worker may be placed upon what was observed. What the cluster itself has to decide (quotas, Pod
 * Security) it is asked later.
 * @throws LF_PROVISIONER_CONFLICT when something of its name belongs to somebody else: it is never touched
 * @throws LF_PROVISIONER_FAILED when what it needs is still being removed, or its checkpoints cannot be mounted
 */
export function assertPlaceable(spec: WorkerSpec, observed: Observed, config: KubernetesConfig): void {
  const foreign = ownershipProblems(spec, observed, config)
  if (foreign.length > 0) throw new LightflusError('LF_PROVISIONER_CONFLICT', sentence(spec, foreign))
  const others = [...removalProblems(observed), ...checkpointProblems(spec)]
  if (others.length > 0) throw new LightflusError('LF_PROVISIONER_FAILED', sentence(spec, others))
}

function ownershipProblems(spec: WorkerSpec, { namespace, statefulSet }: Observed, config: KubernetesConfig): string[] {
  const problems: string[] = []
  if (namespace) {
    const found = namespace.metadata?.labels ?? {}
    const name = namespace.metadata?.name
    if (found[labels.platform] !== config.platform)
      problems.push(`namespace ${name} does not belong to platform ${config.platform}`)
    else if (found[labels.tenantId] !== spec.tenantId) problems.push(`namespace ${name} belongs to another tenant`)
  }
  if (statefulSet && statefulSet.metadata?.labels?.[labels.workerId] !== spec.workerId)
    problems.push(`StatefulSet ${statefulSet.metadata?.name} is not a worker of this platform`)
  return problems
}

function removalProblems({ namespace, statefulSet }: Observed): string[] {
  const leaving = [namespace && `namespace ${namespace.metadata?.name}`, statefulSet && 'its earlier StatefulSet']
  return leaving
    .filter((what, index) => what && [namespace, statefulSet][index]?.metadata?.deletionTimestamp)
    .map((what) => `${what} is still being removed`)
}

function checkpointProblems(spec: WorkerSpec): string[] {
  const { checkpointLocations } = spec
  if (checkpointLocations.length !== 1)
    return [`a tenant has one place for checkpoints, and they are to lie in ${checkpointLocations.length} places`]
  return usesObjectStore(spec) || isAbsolute(checkpointLocations[0]!)
    ? []
    : [`checkpoints are to lie in ${checkpointLocations[0]}, which is no absolute path`]
}

function sentence({ tenantName }: WorkerSpec, problems: readonly string[]): string {
  return `The worker of tenant ${tenantName} cannot be placed: ${problems.join('; ')}.`
}
