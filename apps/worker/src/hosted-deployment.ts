import { isLightflusError, LightflusError, type SerializedError } from '@lightflus/api'
import type { Assignment, DeploymentReport } from '@lightflus/contracts'
import {
  startDeployment,
  type CheckpointInfo,
  type DeploymentHandle,
  type DeploymentState,
  type Outcome,
} from '@lightflus/runtime'
import { folderStorage } from '@lightflus/storage'
import { bundleFile } from './bundle-cache.ts'
import type { ControlPlane } from './control-plane-client.ts'
import { PendingOutput } from './pending-output.ts'

const checkpointsReportedMax = 100
const finals: readonly DeploymentState[] = ['SUSPENDED', 'STOPPED', 'DRAINED', 'CANCELLED', 'FINISHED', 'FAILED']

export interface HostingOptions {
  readonly folder: string
  readonly controlPlane: ControlPlane
  readonly slotNodeOptions: readonly string[] | undefined
  /** Called when there is something that should not wait for the next regular sync. */
  readonly onNews: () => void
}

/** One deployment of this worker: starts it, asks it for what the spec wants, and tells what became of it. */
export class HostedDeployment {
  readonly #options: HostingOptions
  #assignment: Assignment
  #handle: DeploymentHandle | undefined
  #starting = false
  #startError: LightflusError | undefined
  #requested: Assignment['desired'] | 'leave' = 'running'
  #output = new PendingOutput()
  #checkpoints: CheckpointInfo[] = []
  /** Last reports of attempts that are over, so that their usage is not lost with them. */
  #ended: DeploymentReport[] = []

  constructor(assignment: Assignment, options: HostingOptions) {
    this.#assignment = assignment
    this.#options = options
  }

  get deploymentId(): string {
    return this.#assignment.deploymentId
  }

  get over(): boolean {
    return !this.#starting && (this.#handle === undefined || finals.includes(this.#handle.state))
  }

  /** Brings the deployment nearer to what the spec wants. Safe to call with the same assignment again and again. */
  reconcile(assignment: Assignment): void {
    const changed = assignment.generation > this.#assignment.generation
    if (changed || assignment.generation === this.#assignment.generation) this.#assignment = assignment
    if (this.#starting || this.#requested === 'leave') return
    if (this.#handle === undefined || (this.over && changed && assignment.desired === 'running')) {
      void this.#start()
      return
    }
    this.#request(assignment.desired)
  }

  /** Savepoint and end because the worker ends, not because the user wants it: reported as RESTARTING. */
  async leave(): Promise<void> {
    this.#requested = 'leave'
    await this.#handle?.suspend()
  }

  async cancel(): Promise<void> {
    this.#requested = 'cancelled'
    await this.#handle?.cancel()
  }

  acknowledge(attempt: number, lines: number, rows: number): void {
    if (attempt === this.#attempt) this.#output.acknowledge(lines, rows)
  }

  /** What to tell now: ended attempts first, then the present one. */
  reports(): DeploymentReport[] {
    return [...this.#ended, this.#report()]
  }

  /** The control plane has taken these reports. */
  delivered(reports: readonly DeploymentReport[]): void {
    this.#ended = this.#ended.filter((report) => !reports.includes(report))
    const checkpoints = new Set(reports.flatMap((report) => report.checkpoints.map(({ checkpoint }) => checkpoint)))
    this.#checkpoints = this.#checkpoints.filter(({ checkpoint }) => !checkpoints.has(checkpoint))
  }

  get #attempt(): number {
    return this.#handle?.attempt ?? 0
  }

  async #start(): Promise<void> {
    const {
      jobName,
      graphHash,
      parallelism,
      connections,
      checkpointLocation,
      checkpointIntervalMs,
      restore,
      slotHeapBytesMax,
    } = this.#assignment
    this.#starting = true
    try {
      const bundlePath = await bundleFile(this.#options.folder, this.#assignment, this.#options.controlPlane)
      this.#keepLastReport()
      this.#startError = undefined
      this.#requested = 'running'
      this.#handle = startDeployment({
        jobName,
        bundlePath,
        graphHash,
        parallelism,
        connections,
        storage: folderStorage(checkpointLocation),
        checkpointIntervalMs,
        restore: restore ? 'newest' : 'none',
        deploymentId: this.deploymentId,
        slotHeapBytesMax,
        ...(this.#options.slotNodeOptions ? { slotNodeOptions: this.#options.slotNodeOptions } : {}),
        onLog: (line) => this.#output.addLine(line),
        onRows: (sink, rows) => {
          for (const row of rows) this.#output.addRow({ ...row, sink })
        },
        onState: ({ state }) => {
          if (state === 'RESTARTING') this.#keepLastReport()
          this.#options.onNews()
        },
        onCheckpoint: (checkpoint) => {
          this.#checkpoints.push(checkpoint)
          if (this.#checkpoints.length > checkpointsReportedMax) this.#checkpoints.shift()
        },
      })
      void this.#handle.done.then((outcome) => this.#explain(outcome))
    } catch (error) {
      // The control plane went away or the bundle was damaged on its way: the next sync tries again.
      this.#startError = isLightflusError(error)
        ? error
        : new LightflusError('LF_WORKER_START', `Job ${jobName} could not be started.`, {
            cause: error,
            details: { job: jobName },
          })
    } finally {
      this.#starting = false
    }
    if (this.#handle) this.#request(this.#assignment.desired)
    this.#options.onNews()
  }

  #request(desired: Assignment['desired']): void {
    if (this.over || desired === this.#requested || this.#requested === 'leave' || this.#handle === undefined) return
    this.#requested = desired
    if (desired === 'suspended') void this.#handle.suspend()
    else if (desired === 'stopped') void this.#handle.stop()
    else if (desired === 'drained') void this.#handle.drain()
    else if (desired === 'cancelled') void this.#handle.cancel()
  }

  #explain({ state, error }: Outcome): void {
    if (state !== 'FAILED' || !error) return
    this.#output.addLine({
      at: Date.now(),
      level: 'error',
      operator: error.details.operator ?? null,
      message: `${error.code}: ${error.message} ${error.nextStep}`,
    })
    this.#options.onNews()
  }

  #keepLastReport(): void {
    if (this.#attempt > 0) this.#ended.push({ ...this.#report(), logs: [], rows: [] })
  }

  #report(): DeploymentReport {
    const { deploymentId, generation } = this.#assignment
    const handle = this.#handle
    // Lines and rows are numbered within an attempt: before the first there is nothing to number them by.
    const output = this.#attempt > 0 || this.over ? this.#output.next() : { logs: [], rows: [] }
    return {
      deploymentId,
      generation,
      attempt: this.#attempt,
      state: this.#state(),
      error: serialized(handle?.error ?? this.#startError),
      metrics: [...(handle?.metrics() ?? [])],
      usage: handle?.usage() ?? { slotSeconds: 0, recordsIn: 0, recordsOut: 0, bytesIn: 0, bytesOut: 0 },
      ...output,
      checkpoints: [...this.#checkpoints],
    }
  }

  #state(): DeploymentReport['state'] {
    if (this.#handle === undefined) return 'STARTING'
    const { state } = this.#handle
    return this.#requested === 'leave' && state === 'SUSPENDED' ? 'RESTARTING' : state
  }
}

function serialized(error: LightflusError | undefined): SerializedError | null {
  return error ? error.toJSON() : null
}
