import { randomUUID } from 'node:crypto'
import type { ValidProgram } from '@lightflus/compiler'
import { LightflusError } from '@lightflus/api'
import type { RouteOutput } from '@lightflus/contracts'
import { Inject, Injectable } from '@nestjs/common'
import { Exchanges } from '../../connections/exchanges.ts'
import { Database, type TenantTransaction } from '../../database/database.ts'
import { createDeployment, type CreatedDeployment, type DeploymentWish } from '../../deployments/create-deployment.ts'
import { lockJob } from '../../deployments/deployment-rows.ts'
import { recordJobEvent } from '../../deployments/job-events.ts'
import { assertJobQuota } from '../../deployments/quota.ts'
import type { Job, Prisma } from '../../generated/client.ts'
import type { InputOf } from '../../http/api-route.ts'
import type { Caller } from '../../http/caller.ts'
import { type Clock, CLOCK } from '../../platform/clock.ts'
import { Wakes } from '../../reconciler/wakes.ts'
import { viewOneJob } from '../job-view.ts'
import { CheckProgram } from './check-program.ts'

export interface ApplyJobCommand {
  readonly caller: Pick<Caller, 'tenantId' | 'name'>
  readonly name: string
  readonly job: InputOf<'applyJob'>['body']
}

/**
 * Makes a job what it is asked to be, whole: a new version if the program changed, and a new deployment if one is asked
 * for and version or settings changed. The same again changes nothing, also when the deployment is over.
 */
@Injectable()
export class ApplyJob {
  readonly #database: Database
  readonly #check: CheckProgram
  readonly #exchanges: Exchanges
  readonly #wakes: Wakes
  readonly #clock: Clock

  constructor(
    database: Database,
    check: CheckProgram,
    exchanges: Exchanges,
    wakes: Wakes,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#database = database
    this.#check = check
    this.#exchanges = exchanges
    this.#wakes = wakes
    this.#clock = clock
  }

  /**
   * @throws LF_PROGRAM_INVALID, LF_JOB_NAME_MISMATCH, LF_QUOTA_EXCEEDED, LF_CONNECTION_MISSING, LF_CONNECTION_KIND,
   * LF_WORKERS_SLOTS, LF_WORKERS_EXCHANGE
   */
  async execute({ caller, name, job: wanted }: ApplyJobCommand): Promise<RouteOutput<'applyJob'>> {
    const checked = await this.#check.require(wanted.program)
    if (checked.graph.job !== name)
      throw new LightflusError('LF_JOB_NAME_MISMATCH', `The program states the job ${checked.graph.job}, not ${name}.`)
    const at = new Date(this.#clock.now())
    const applied = await this.#database.tenant(caller.tenantId, async (tx) => {
      const job = await obtainJob(tx, name, at)
      const version = await latestVersionFor(tx, job, checked)
      const versionCreated = version === undefined
      const numbered = versionCreated
        ? await createVersion(tx, job, { ...wanted.program, checked, actor: caller.name, at })
        : job
      const wish = wanted.deployment && { ...wanted.deployment, version: numbered.latestVersion, restore: true }
      const deployed = wish && (await this.#deployUnlessSame(tx, numbered, wish, { actor: caller.name, at }))
      return { job: await viewOneJob(tx, await lockJob(tx, name)), versionCreated, deployed }
    })
    const { deployed, ...result } = applied
    if (deployed) void this.#wakes.deployments(deployed.created, deployed.replaced)
    return { ...result, diagnostics: [...checked.diagnostics] }
  }

  async #deployUnlessSame(
    tx: TenantTransaction,
    job: Job,
    wish: DeploymentWish,
    by: { readonly actor: string; readonly at: Date },
  ): Promise<CreatedDeployment | undefined> {
    const present = await tx.client.deployment.findUnique({
      where: { tenantId_jobId_number: { tenantId: tx.tenantId, jobId: job.id, number: job.latestDeployment } },
    })
    const same =
      present?.version === wish.version &&
      present.parallelism === wish.parallelism &&
      present.workers === wish.workers &&
      present.exchange === wish.exchange &&
      present.checkpointIntervalMs === wish.checkpointIntervalMs &&
      present.placement === wish.placement
    return same ? undefined : createDeployment(tx, { job, wish, exchanges: this.#exchanges, ...by })
  }
}

/** The job's row, made if there is none, and held. */
async function obtainJob(tx: TenantTransaction, name: string, at: Date): Promise<Job> {
  const { tenantId } = tx
  const known = await tx.client.job.findUnique({ where: { tenantId_name: { tenantId, name } }, select: { id: true } })
  if (!known) {
    await assertJobQuota(tx)
    await tx.client.job.createMany({ data: { tenantId, id: randomUUID(), name, createdAt: at }, skipDuplicates: true })
  }
  return lockJob(tx, name)
}

/** The newest version's number if it is just this program, built alike. */
async function latestVersionFor(tx: TenantTransaction, job: Job, checked: ValidProgram): Promise<number | undefined> {
  const found = await tx.client.version.findUnique({
    where: { tenantId_jobId_version: { tenantId: tx.tenantId, jobId: job.id, version: job.latestVersion } },
    select: { version: true, bundleSha256: true, graphHash: true },
  })
  const same = found?.bundleSha256 === checked.bundle.sha256 && found.graphHash === checked.graphHash
  return same ? found.version : undefined
}

interface NewVersion {
  readonly fileName: string
  readonly text: string
  readonly checked: ValidProgram
  readonly actor: string
  readonly at: Date
}

/** Returns the job with the new version's number. */
async function createVersion(tx: TenantTransaction, job: Job, given: NewVersion): Promise<Job> {
  const { checked, actor, at } = given
  const numbered = await tx.client.job.update({
    where: { tenantId_id: { tenantId: tx.tenantId, id: job.id } },
    data: { latestVersion: { increment: 1 } },
  })
  await tx.client.version.create({
    data: {
      tenantId: tx.tenantId,
      jobId: job.id,
      version: numbered.latestVersion,
      createdAt: at,
      createdBy: actor,
      programFile: given.fileName,
      programText: given.text,
      bundleText: checked.bundle.text,
      bundleSha256: checked.bundle.sha256,
      graph: checked.graph as unknown as Prisma.InputJsonObject,
      graphHash: checked.graphHash,
      diagnostics: checked.diagnostics as unknown as Prisma.InputJsonArray,
      connections: checked.connections.map((use) => use.name),
    },
  })
  const reason = `Version ${numbered.latestVersion} was made.`
  await recordJobEvent(tx, { jobId: job.id, kind: 'version', reason, actor })
  return numbered
}
