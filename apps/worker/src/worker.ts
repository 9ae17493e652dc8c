import { isLightflusError } from '@lightflus/api'
import {
  syncIntervalMs,
  workerProtocolVersion,
  type Assignment,
  type DeploymentReport,
  type SyncResponse,
} from '@lightflus/contracts'
import { joinDeployment } from '@lightflus/runtime'
import { dropUnusedBundles } from './bundle-cache.ts'
import type { WorkerConfig } from './config.ts'
import { controlPlaneAt, isRefusal, type ControlPlane } from './control-plane-client.ts'
import { HostedDeployment } from './hosted-deployment.ts'
import { HostedPart } from './hosted-part.ts'
import type { Hosted } from './hosting.ts'
import { UnsentReports } from './unsent-reports.ts'
import type { WorkerLog } from './worker-log.ts'

/** Why a worker ended: told to, refused by the control plane, or too long without it. */
export type WorkerEnd = 'told' | 'refused' | 'alone'

/** Reports that one sync carries at most, as the protocol's schema bounds it. */
const reportsPerSyncMax = 1_000
/** Ended deployments' reports kept for the control plane's return. */
const unsentMax = 10_000

/**
 * Hosts what the control plane assigns, and tells it what becomes of it, in one loop: collect reports, sync, reconcile.
 * While the control plane is away the deployments go on.
 */
export class Worker {
  readonly #config: WorkerConfig
  readonly #log: WorkerLog
  readonly #controlPlane: ControlPlane
  readonly #unsentFile: UnsentReports
  readonly #deployments = new Map<string, Hosted>()
  readonly #startedAt = Date.now()
  #unsent: DeploymentReport[] = []
  #answeredAt = Date.now()
  #away = false
  #ending: WorkerEnd | undefined
  #news = false
  #wake: () => void = () => undefined

  constructor(config: WorkerConfig, log: WorkerLog) {
    this.#config = config
    this.#log = log
    this.#controlPlane = controlPlaneAt(config.controlPlaneUrl, config.token)
    this.#unsentFile = new UnsentReports(config.folder)
  }

  /** Runs until the worker has to end; resolves when every deployment has. */
  async run(): Promise<WorkerEnd> {
    this.#unsent = await this.#unsentFile.load()
    while (this.#ending === undefined) {
      await this.#round()
      if (this.#ending === undefined) await this.#pause()
    }
    await this.#leave()
    return this.#ending
  }

  /** Ends the worker: savepoints first, within the grace time. */
  end(): void {
    this.#ending ??= 'told'
    this.#hurry()
  }

  async #round(): Promise<void> {
    try {
      this.#apply(await this.#sync())
    } catch (error) {
      if (isRefusal(error)) {
        this.#log('warn', 'refused by the control plane: this worker is no longer wanted')
        this.#ending ??= 'refused'
        return
      }
      if (!isLightflusError(error)) throw error
      if (!this.#away) this.#log('warn', 'the control plane is away; deployments go on', { reason: error.message })
      this.#away = true
      await this.#saveUnsent()
      if (Date.now() - this.#answeredAt > this.#config.aloneMsMax) {
        this.#log('warn', 'alone for too long: taking savepoints and ending', { aloneMsMax: this.#config.aloneMsMax })
        this.#ending ??= 'alone'
      }
    }
  }

  async #sync(): Promise<SyncResponse> {
    const reports = this.#reports()
    const response = await this.#controlPlane.sync({
      protocolVersion: workerProtocolVersion,
      workerId: this.#config.workerId,
      pid: process.pid,
      startedAt: this.#startedAt,
      residentBytes: process.memoryUsage.rss(),
      reports,
      parts: [...this.#deployments.values()].flatMap((deployment) => deployment.parts()),
    })
    this.#answeredAt = Date.now()
    if (this.#away) this.#log('info', 'the control plane is back')
    this.#away = false
    this.#unsent = this.#unsent.filter((report) => !reports.includes(report))
    for (const deployment of this.#deployments.values()) deployment.delivered(reports)
    await this.#unsentFile.clear().catch((error: unknown) => {
      this.#log('warn', 'reports that were delivered could not be removed and will be repeated', {
        reason: String(error),
      })
    })
    return response
  }

  #reports(): DeploymentReport[] {
    const present = [...this.#deployments.values()].flatMap((deployment) => deployment.reports())
    return [...this.#unsent, ...present].slice(0, reportsPerSyncMax)
  }

  #apply(response: SyncResponse): void {
    for (const { deploymentId, attempt, logs, rows } of response.acknowledged)
      this.#deployments.get(deploymentId)?.acknowledge(attempt, logs, rows)
    const assigned = new Set(response.assignments.map(({ deploymentId }) => deploymentId))
    const dropped = [...this.#deployments].filter(([id]) => !assigned.has(id))
    for (const [id, deployment] of dropped) this.#drop(id, deployment)
    if (dropped.length > 0) this.#dropBundles(response)
    for (const assignment of response.assignments) {
      const hosted = this.#deployments.get(assignment.deploymentId)
      if (hosted) {
        hosted.reconcile(assignment)
        continue
      }
      const deployment = this.#host(assignment)
      this.#deployments.set(assignment.deploymentId, deployment)
      const part = assignment.placement ? { worker: assignment.placement.worker } : {}
      const { deploymentId, jobName } = assignment
      this.#log('info', 'hosting a deployment', { deployment: deploymentId, job: jobName, ...part })
      deployment.reconcile(assignment)
    }
  }

  #host(assignment: Assignment): Hosted {
    const { folder, slotNodeOptions } = this.#config
    const options = {
      folder,
      slotNodeOptions,
      controlPlane: this.#controlPlane,
      onNews: () => this.#hurry(),
      log: this.#log,
    }
    const isPart = assignment.placement !== null && assignment.placement.worker > 0
    return isPart ? new HostedPart(assignment, options, joinDeployment) : new HostedDeployment(assignment, options)
  }

  /** What is no longer listed is cancelled; its last counters still reach the control plane. */
  #drop(id: string, deployment: Hosted): void {
    this.#deployments.delete(id)
    if (!deployment.over) this.#log('info', 'a deployment is no longer assigned: cancelling it', { deployment: id })
    void deployment.cancel().then(() => {
      this.#unsent.push(...deployment.reports())
      this.#unsent.splice(0, this.#unsent.length - unsentMax)
    })
  }

  #dropBundles({ assignments }: SyncResponse): void {
    const used = assignments.map(({ bundleSha256 }) => bundleSha256)
    dropUnusedBundles(this.#config.folder, used).catch((error: unknown) => {
      this.#log('warn', 'bundles that are no longer used could not be removed', { reason: String(error) })
    })
  }

  /** The next sync comes at once: also when the present round is still under way. */
  #hurry(): void {
    this.#news = true
    this.#wake()
  }

  async #pause(): Promise<void> {
    if (!this.#news) await this.#untilDue()
    this.#news = false
  }

  async #untilDue(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, syncIntervalMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = () => undefined
  }

  async #leave(): Promise<void> {
    const grace = new AbortController()
    const timer = setTimeout(() => grace.abort(), this.#config.graceMs)
    const late = new Promise<void>((resolve) => grace.signal.addEventListener('abort', () => resolve()))
    const deployments = [...this.#deployments.values()]
    const act = (deployment: Hosted) => (this.#ending === 'refused' ? deployment.cancel() : deployment.leave())
    await Promise.race([Promise.all(deployments.map(act)), late])
    clearTimeout(timer)
    if (grace.signal.aborted)
      this.#log('warn', 'savepoints took too long: the newest checkpoints must do', { graceMs: this.#config.graceMs })
    if (this.#ending === 'refused') return
    try {
      await this.#sync()
    } catch (error) {
      if (!isLightflusError(error)) throw error
      await this.#saveUnsent()
    }
  }

  /** For the next process of this worker. Deployments matter more than their figures: a full disk ends nothing. */
  async #saveUnsent(): Promise<void> {
    try {
      await this.#unsentFile.save(this.#reports())
    } catch (error) {
      this.#log('warn', 'usage could not be written down while the control plane is away', { reason: String(error) })
    }
  }
}
