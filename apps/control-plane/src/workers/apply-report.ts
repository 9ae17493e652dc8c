import type { SerializedError } from '@lightflus/api'
import type { DeploymentReport, ObservedEvent } from '@lightflus/contracts'
import { Inject, Injectable, Logger } from '@nestjs/common'
import type { TenantTransaction } from '../database/database.ts'
import { changeState, jsonOrNull } from '../deployments/change-state.ts'
import { isTerminal, lockDeployment } from '../deployments/deployment-rows.ts'
import { type Deployment, type DeploymentAttempt, Prisma } from '../generated/client.ts'
import { notifyLive } from '../live/notify.ts'
import { type Limits, LIMITS } from '../platform/limits.ts'
import { recordUsage } from '../usage/record-usage.ts'
import { countCheckpoints } from './count-checkpoints.ts'
import { OperatorKinds } from './operator-kinds.ts'
import { jobRates, type RatedMetrics, rateOperators } from './operator-rates.ts'
import { storableJson } from './storable.ts'
import { storeOutput } from './store-output.ts'

const eventOf = {
  STARTING: 'workerStarting',
  RUNNING: 'workerRunning',
  RESTARTING: 'workerRestarting',
  SUSPENDED: 'workerSuspended',
  STOPPED: 'workerStopped',
  DRAINED: 'workerDrained',
  CANCELLED: 'workerCancelled',
  FINISHED: 'workerFinished',
  FAILED: 'workerFailed',
} as const satisfies Record<DeploymentReport['state'], ObservedEvent>

const underWay: readonly DeploymentReport['state'][] = ['STARTING', 'RUNNING', 'RESTARTING']
/** After running this long, the losses of workers before it count no more. */
const steadyMs = 60_000

export interface AppliedReport {
  readonly acknowledged: { readonly logs: number; readonly rows: number }
  /** The deployment's state changed: the reconciler should look at it. */
  readonly changed: boolean
}

/**
 * Takes in what a worker says of one deployment. Use is metered whatever else holds; state is taken only from the
 * worker that the deployment is placed on, of the newest attempt, and of the run that the spec means.
 */
@Injectable()
export class ApplyReport {
  readonly #kinds: OperatorKinds
  readonly #limits: Limits
  readonly #logger = new Logger('Workers')

  constructor(kinds: OperatorKinds, @Inject(LIMITS) limits: Limits) {
    this.#kinds = kinds
    this.#limits = limits
  }

  async execute(
    tx: TenantTransaction,
    workerId: string,
    report: DeploymentReport,
    now: number,
  ): Promise<AppliedReport> {
    const deployment = await lockDeployment(tx, report.deploymentId)
    // Deleted with its job: all it still has to say is taken as said.
    if (!deployment) return { acknowledged: highestSequences(report), changed: false }
    const attempt = await this.#takeIn(tx, deployment, report, now)
    if (deployment.workerId !== workerId || isOutdated(deployment, report))
      return { acknowledged: { logs: attempt.logSequence, rows: attempt.rowSequence }, changed: false }
    await this.#storeMetrics(tx, deployment, report, now)
    const changed = await this.#changeStatus(tx, deployment, report, now)
    return { acknowledged: { logs: attempt.logSequence, rows: attempt.rowSequence }, changed }
  }

  /** Usage, lines, rows and checkpoints: what an attempt leaves behind, each part of it once. */
  async #takeIn(
    tx: TenantTransaction,
    deployment: Deployment,
    report: DeploymentReport,
    now: number,
  ): Promise<DeploymentAttempt> {
    const { tenantId } = tx
    const where = {
      tenantId_deploymentId_attempt: { tenantId, deploymentId: deployment.id, attempt: report.attempt },
    }
    const known =
      (await tx.client.deploymentAttempt.findUnique({ where })) ??
      (await this.#beginAttempt(tx, deployment, report.attempt, now))
    const metered = await recordUsage(tx, known, report.usage, now)
    const stored = await storeOutput(tx, deployment, known, report, this.#limits)
    const counted = await countCheckpoints(tx, known, report.checkpointCounts)
    const after = { ...metered, ...stored, ...counted, reportedAt: new Date(now) }
    await tx.client.deploymentAttempt.update({ where, data: after })
    return after
  }

  async #beginAttempt(
    tx: TenantTransaction,
    deployment: Deployment,
    attempt: number,
    now: number,
  ): Promise<DeploymentAttempt> {
    const { tenantId } = tx
    const job = await tx.client.job.findUniqueOrThrow({
      where: { tenantId_id: { tenantId, id: deployment.jobId } },
      select: { name: true },
    })
    const at = new Date(now)
    return tx.client.deploymentAttempt.create({
      data: { tenantId, deploymentId: deployment.id, attempt, jobName: job.name, startedAt: at, reportedAt: at },
    })
  }

  async #storeMetrics(
    tx: TenantTransaction,
    deployment: Deployment,
    report: DeploymentReport,
    now: number,
  ): Promise<void> {
    if (report.metrics.length === 0) return
    const { tenantId } = tx
    const where = { tenantId_deploymentId: { tenantId, deploymentId: deployment.id } }
    const before = await tx.client.deploymentMetrics.findUnique({ where })
    const rated = rateOperators(
      { attempt: report.attempt, at: now, operators: report.metrics },
      before
        ? {
            base: {
              attempt: before.attempt,
              at: before.baseAt.getTime(),
              operators: before.base as unknown as DeploymentReport['metrics'],
            },
            operators: before.operators as unknown as RatedMetrics[],
          }
        : undefined,
    )
    const rates = jobRates(rated.operators, await this.#kinds.of(tx, deployment))
    const data = {
      attempt: report.attempt,
      at: new Date(now),
      operators: rated.operators as unknown as Prisma.InputJsonArray,
      baseAt: new Date(rated.base.at),
      base: rated.base.operators as unknown as Prisma.InputJsonArray,
      recordsInPerSecond: rates.in,
      recordsOutPerSecond: rates.out,
    }
    await tx.client.deploymentMetrics.upsert({
      where,
      create: { tenantId, deploymentId: deployment.id, ...data },
      update: data,
    })
    await notifyLive(tx, deployment.jobId, 'metrics')
  }

  async #changeStatus(
    tx: TenantTransaction,
    deployment: Deployment,
    report: DeploymentReport,
    now: number,
  ): Promise<boolean> {
    const event = eventOf[report.state]
    const error = report.state === 'RUNNING' ? null : (storableJson(report.error) as SerializedError | null)
    const set: Prisma.DeploymentUncheckedUpdateInput = {
      observedGeneration: report.generation,
      attempt: Math.max(deployment.attempt, report.attempt),
      savepointsTaken: Math.max(
        deployment.savepointsTaken,
        Math.min(report.savepointTaken, deployment.savepointsAsked),
      ),
    }
    const outcome = await changeState(tx, deployment, {
      event,
      actor: 'platform',
      at: new Date(now),
      set,
      ...(error && report.state !== 'STARTING' ? { detail: `${error.code}: ${error.message}` } : {}),
      ...(error || report.state === 'RUNNING' ? { error } : {}),
    })
    if (outcome === 'changed') return true
    if (outcome === 'unexpected')
      this.#logger.warn(
        { deploymentId: deployment.id, state: deployment.state, event },
        'A worker reported what the lifecycle does not expect; it is ignored.',
      )
    const steady =
      deployment.workersLost > 0 && deployment.state === 'RUNNING' && now - deployment.stateSince.getTime() > steadyMs
    const errorChanged = (error?.message ?? null) !== ((deployment.error as SerializedError | null)?.message ?? null)
    const news =
      report.generation !== deployment.observedGeneration ||
      report.attempt > deployment.attempt ||
      report.savepointTaken > deployment.savepointsTaken
    if (!news && !steady && !errorChanged) return false
    await tx.client.deployment.update({
      where: { tenantId_id: { tenantId: tx.tenantId, id: deployment.id } },
      data: { ...set, error: jsonOrNull(error), ...(steady ? { workersLost: 0 } : {}) },
    })
    await notifyLive(tx, deployment.jobId, 'status')
    return false
  }
}

/**
 * Whether a report is of an attempt or a run that is no longer the present one. Attempt 0 is one that has not claimed
 * the job yet, so its number tells nothing. What ends an attempt counts also if it came before the newest wish was seen.
 */
function isOutdated(deployment: Deployment, report: DeploymentReport): boolean {
  if (isTerminal(deployment.state)) return true
  if (report.attempt !== 0 && report.attempt < deployment.attempt) return true
  if (underWay.includes(report.state)) return report.generation !== deployment.generation
  return report.generation < deployment.runGeneration
}

function highestSequences({ logs, rows }: DeploymentReport): AppliedReport['acknowledged'] {
  return { logs: logs.at(-1)?.sequence ?? 0, rows: rows.at(-1)?.sequence ?? 0 }
}
