import { isLightflusError, LightflusError } from '@lightflus/api'
import type { Assignment, DeploymentReport, PartReport } from '@lightflus/contracts'
import type { ControlPlane } from './control-plane-client.ts'
import type { WorkerLog } from './worker-log.ts'

export interface HostingOptions {
  readonly folder: string
  readonly controlPlane: ControlPlane
  readonly slotNodeOptions: readonly string[] | undefined
  /** Called when there is something that should not wait for the next regular sync. */
  readonly onNews: () => void
  /** For whoever runs the platform: into the worker's own log. */
  readonly log: WorkerLog
}

/** A deployment of this worker, or its part of one. */
export interface Hosted {
  /** Nothing of it runs here. */
  readonly over: boolean
  /** Brings it nearer to what the spec wants. Safe to call with the same assignment again and again. */
  reconcile(assignment: Assignment): void
  /** The worker ends: what there is to save is saved first. */
  leave(): Promise<void>
  /** It is no longer wanted here. */
  cancel(): Promise<void>
  /** What to tell now of a deployment whose coordinator is here. */
  reports(): DeploymentReport[]
  /** What to tell now of a part; none where the coordinator is here. */
  parts(): PartReport[]
  acknowledge(attempt: number, lines: number, rows: number): void
  /** The control plane has taken these reports. */
  delivered(reports: readonly DeploymentReport[]): void
}

/** What kept a worker from starting a job, as an error that can be told. */
export function startError(error: unknown, { jobName }: Pick<Assignment, 'jobName'>): LightflusError {
  if (isLightflusError(error)) return error
  return new LightflusError('LF_WORKER_START', `Job ${jobName} could not be started.`, {
    cause: error,
    details: { job: jobName },
  })
}
