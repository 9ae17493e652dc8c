import type { LightflusError } from '@lightflus/api'
import type { Assignment, DeploymentReport } from '@lightflus/contracts'
import {
  startDeployment,
  type AttemptFigures,
  type CheckpointCounts,
  type CheckpointInfo,
  type DeploymentHandle,
  type DeploymentState,
  type Outcome,
  type Usage,
} from '@lightflus/runtime'
import { bundleFile } from './bundle-cache.ts'
import { deploymentOptionsOf } from './deployment-options.ts'
import { startError, type Hosted, type HostingOptions } from './hosting.ts'
import { PendingOutput } from './pending-output.ts'

const checkpointsReportedMax = 100
/** Last reports of ended attempts that wait for the control plane; beyond that the oldest are lost. */
const endedReportsMax = 100
const finals: readonly DeploymentState[] = ['SUSPENDED', 'STOPPED', 'DRAINED', 'CANCELLED', 'FINISHED', 'FAILED']
const noUsage: Usage = { slotSeconds: 0, recordsIn: 0, recordsOut: 0, bytesIn: 0, bytesOut: 0 }
const noCheckpoints: CheckpointCounts = { completed: 0, failed: 0, lastFailure: null }

/** One deployment of this worker: starts it, asks it for what the spec wants, and tells what became of it. */
export class HostedDeployment implements Hosted {
  readonly #options: HostingOptions
  #assignment: Assignment
  #handle: DeploymentHandle | undefined
  #starting = false
  #startError: LightflusError | undefined
  /** What the handle was last asked for, and the generation of the spec that asked it. */
  #requested: Assignment['desired'] = 'running'
  #actedOn: number
  /** Numbers of savepoints that users asked for: the newest that the handle was asked for, and that is there. */
  #savepointAsked = 0
  #savepointTaken = 0
  /** The worker ends: nothing is started or asked for any more. */
  #leaving = false
  /** The attempt that metrics, lines and rows are of. */
  #attempt = 0
  #output = new PendingOutput()
  #figures: AttemptFigures | undefined
  #checkpoints: CheckpointInfo[] = []
  #ended: DeploymentReport[] = []

  constructor(assignment: Assignment, options: HostingOptions) {
    this.#assignment = assignment
    this.#actedOn = assignment.generation
    this.#options = options
  }

  get deploymentId(): string {
    return this.#assignment.deploymentId
  }

  get over(): boolean {
    return !this.#starting && (this.#handle === undefined || finals.includes(this.#handle.state))
  }

  reconcile(assignment: Assignment): void {
    if (assignment.generation < this.#assignment.generation) return
    this.#assignment = assignment
    if (this.#starting || this.#leaving) return
    const wantedAgain = assignment.generation > this.#actedOn && assignment.desired === 'running'
    if (this.#handle === undefined || (this.over && wantedAgain)) void this.#start()
    else if (!this.over) this.#request(this.#handle, assignment)
  }

  /** Savepoint and end because the worker ends, not because the user wants it: reported as RESTARTING. */
  async leave(): Promise<void> {
    this.#leaving = true
    await this.#handle?.suspend()
  }

  async cancel(): Promise<void> {
    this.#leaving = true
    await this.#handle?.cancel()
  }

  acknowledge(attempt: number, lines: number, rows: number): void {
    if (attempt === this.#attempt) this.#output.acknowledge(lines, rows)
  }

  /** What to tell now: ended attempts first, then the present one. */
  reports(): DeploymentReport[] {
    return [...this.#ended, this.#report()]
  }

  parts(): [] {
    return []
  }

  delivered(reports: readonly DeploymentReport[]): void {
    this.#ended = this.#ended.filter((report) => !reports.includes(report))
    // What is now known of a checkpoint's commits may not have been in the report yet.
    const taken = new Set<object>(reports.flatMap(({ checkpoints }) => checkpoints))
    this.#checkpoints = this.#checkpoints.filter((checkpoint) => !taken.has(checkpoint))
  }

  async #start(): Promise<void> {
    const assignment = this.#assignment
    this.#starting = true
    if (this.#handle) this.#keep(this.#report())
    this.#handle = undefined
    this.#figures = undefined
    this.#actedOn = assignment.generation
    this.#beginAttempt(0)
    try {
      const bundlePath = await bundleFile(this.#options.folder, assignment, this.#options.controlPlane)
      this.#startError = undefined
      // Told to end meanwhile: there is nothing yet that a savepoint could be made of.
      if (!this.#leaving) this.#run(assignment, bundlePath)
    } catch (error) {
      // The control plane went away or the bundle was damaged on its way: the next sync tries again.
      this.#startError = startError(error, assignment)
    } finally {
      this.#starting = false
    }
    if (this.#handle) this.#request(this.#handle, this.#assignment)
    this.#options.onNews()
  }

  #run(assignment: Assignment, bundlePath: string): void {
    this.#requested = 'running'
    const handle = startDeployment({
      ...deploymentOptionsOf(assignment, bundlePath, this.#options.slotNodeOptions),
      onLog: (line) => this.#output.addLine(line),
      onRows: (sink, rows) => {
        for (const row of rows) this.#output.addRow({ ...row, sink })
      },
      onState: ({ attempt }) => {
        if (attempt !== this.#attempt) this.#beginAttempt(attempt)
        this.#options.onNews()
      },
      onCheckpoint: (checkpoint) => this.#tell(checkpoint),
      onCheckpointCommitted: (checkpoint) => this.#tell(checkpoint),
      onAttemptEnd: (figures) => (this.#figures = figures),
    })
    this.#handle = handle
    void handle.done.then((outcome) => this.#explain(outcome))
  }

  /** What is told of a checkpoint later takes the place of what was told before. */
  #tell(checkpoint: CheckpointInfo): void {
    this.#checkpoints = this.#checkpoints.filter((each) => each.checkpoint !== checkpoint.checkpoint)
    this.#checkpoints.push(checkpoint)
    if (this.#checkpoints.length > checkpointsReportedMax) this.#checkpoints.shift()
  }

  #request(handle: DeploymentHandle, { desired, generation, savepoint }: Assignment): void {
    if (this.#leaving) return
    this.#actedOn = generation
    if (savepoint > this.#savepointAsked) this.#takeSavepoint(handle, savepoint)
    if (desired === this.#requested) return
    this.#requested = desired
    if (desired === 'suspended') void handle.suspend()
    else if (desired === 'stopped') void handle.stop()
    else if (desired === 'drained') void handle.drain()
    else if (desired === 'cancelled') void handle.cancel()
  }

  #takeSavepoint(handle: DeploymentHandle, number: number): void {
    this.#savepointAsked = number
    handle.savepoint().then(
      () => {
        this.#savepointTaken = number
        this.#options.onNews()
      },
      // It is asked for again as long as it is wanted; that the deployment has ended is told as its state.
      () => {
        if (this.#handle === handle && this.#savepointAsked === number) this.#savepointAsked = number - 1
      },
    )
  }

  /** Lines and rows are numbered within an attempt, and counters count within it: what the last one left is kept. */
  #beginAttempt(attempt: number): void {
    if (this.#figures) {
      const { metrics, usage, checkpoints: checkpointCounts } = this.#figures
      this.#keep({ ...this.#report(), state: 'RESTARTING', metrics: [...metrics], usage, checkpointCounts })
    }
    this.#figures = undefined
    // What was said before an attempt had its number belongs to it.
    if (this.#attempt !== 0) this.#output = new PendingOutput()
    this.#attempt = attempt
  }

  #keep(report: DeploymentReport): void {
    this.#ended.push(report)
    if (this.#ended.length > endedReportsMax) this.#ended.shift()
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

  #report(): DeploymentReport {
    const handle = this.#handle
    // Before an attempt has its number there is nothing to number lines by, unless it never gets one.
    const output = this.#attempt > 0 || this.over ? this.#output.next() : { logs: [], rows: [] }
    return {
      deploymentId: this.deploymentId,
      generation: this.#actedOn,
      attempt: this.#attempt,
      state: this.#state(),
      error: (handle?.error ?? this.#startError)?.toJSON() ?? null,
      metrics: [...(handle?.metrics() ?? [])],
      usage: handle?.usage() ?? noUsage,
      ...output,
      checkpoints: [...this.#checkpoints],
      checkpointCounts: handle?.checkpoints() ?? noCheckpoints,
      savepointTaken: this.#savepointTaken,
    }
  }

  #state(): DeploymentReport['state'] {
    if (this.#handle === undefined) return 'STARTING'
    const { state } = this.#handle
    return this.#leaving && state === 'SUSPENDED' ? 'RESTARTING' : state
  }
}
