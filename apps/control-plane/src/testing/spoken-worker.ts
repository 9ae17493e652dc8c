import {
  type Assignment,
  type DeploymentReport,
  type SyncResponse,
  syncResponseSchema,
  workerProtocolVersion,
} from '@lightflus/contracts'
import { until } from '@lightflus/testing/services'
import type { WorkerSpec } from '../provisioner/provisioner.ts'
import type { TestPlatform } from './test-platform.ts'

const nothingUsed = { slotSeconds: 0, recordsIn: 0, recordsOut: 0, bytesIn: 0, bytesOut: 0 }

/** A worker whose part a test speaks, by the worker protocol over HTTP. */
export class SpokenWorker {
  readonly #platform: TestPlatform
  readonly spec: WorkerSpec

  constructor(platform: TestPlatform, spec: WorkerSpec) {
    this.#platform = platform
    this.spec = spec
  }

  /** The tenant's worker, once it is placed. */
  static async of(platform: TestPlatform, tenantId: string): Promise<SpokenWorker> {
    const spec = await until(() => platform.workers.specs.find((each) => each.tenantId === tenantId), {
      what: 'a worker of the tenant to be placed',
    })
    return new SpokenWorker(platform, spec)
  }

  async sync(...reports: DeploymentReport[]): Promise<SyncResponse> {
    const answer = await this.request(reports)
    if (answer.status !== 200) throw new Error(`the sync was answered with ${answer.status}: ${answer.text}`)
    return syncResponseSchema.parse(answer.body)
  }

  request(reports: readonly DeploymentReport[], changes: object = {}) {
    const body = {
      protocolVersion: workerProtocolVersion,
      workerId: this.spec.workerId,
      pid: 1,
      startedAt: 1,
      residentBytes: 1,
      reports,
      ...changes,
    }
    return this.#platform.request('POST', '/worker/v1/sync', { token: this.spec.token, body })
  }

  /** The one deployment that this worker should host, as soon as it is told so. */
  async assignment(jobName?: string): Promise<Assignment> {
    return until(
      async () => {
        const { assignments } = await this.sync()
        return assignments.find((each) => jobName === undefined || each.jobName === jobName)
      },
      { what: 'an assignment' },
    )
  }

  bundle(assignment: Assignment) {
    return this.#platform.request('GET', assignment.bundlePath, { token: this.spec.token })
  }
}

/** A report of an assignment; what is not said is as little as can be. */
export function reportOf(
  assignment: Pick<Assignment, 'deploymentId' | 'generation'>,
  said: Partial<DeploymentReport> = {},
): DeploymentReport {
  return {
    deploymentId: assignment.deploymentId,
    generation: assignment.generation,
    attempt: 1,
    state: 'RUNNING',
    error: null,
    metrics: [],
    usage: nothingUsed,
    logs: [],
    rows: [],
    checkpoints: [],
    checkpointCounts: { completed: 0, failed: 0, lastFailure: null },
    savepointTaken: 0,
    ...said,
  }
}

/** A checkpoint as an older worker reports it, which does not say what it cost. */
export function checkpointOf(
  checkpoint: number,
  said: Partial<DeploymentReport['checkpoints'][number]> = {},
): DeploymentReport['checkpoints'][number] {
  return {
    checkpoint,
    attempt: 1,
    kind: 'checkpoint',
    completedAt: 1,
    durationMs: 1,
    bytes: 1,
    location: 'm',
    alignmentMs: null,
    pauseMs: null,
    commitMs: null,
    ...said,
  }
}

/** Counters of an operator; what is not said is nothing. */
export function metricsOf(
  operator: string,
  said: Partial<DeploymentReport['metrics'][number]> = {},
): DeploymentReport['metrics'][number] {
  return {
    operator,
    recordsIn: 0,
    recordsOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    recordsSkipped: 0,
    recordsLate: 0,
    recordsAhead: 0,
    recordsPlain: 0,
    stateEntries: 0,
    stateBytes: 0,
    watermark: null,
    lag: null,
    ...said,
  }
}
