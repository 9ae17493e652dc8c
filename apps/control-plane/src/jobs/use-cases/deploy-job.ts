import { LightflusError } from '@lightflus/api'
import type { Deployment as DeploymentView } from '@lightflus/contracts'
import { Inject, Injectable } from '@nestjs/common'
import { Exchanges } from '../../connections/exchanges.ts'
import { Database } from '../../database/database.ts'
import { createDeployment } from '../../deployments/create-deployment.ts'
import { lockJob, lockPresentDeployment } from '../../deployments/deployment-rows.ts'
import type { InputOf } from '../../http/api-route.ts'
import type { Caller } from '../../http/caller.ts'
import { type Clock, CLOCK } from '../../platform/clock.ts'
import { Wakes } from '../../reconciler/wakes.ts'
import { viewDeployment } from '../job-view.ts'

export interface DeployJobCommand {
  readonly caller: Pick<Caller, 'tenantId' | 'name'>
  readonly name: string
  readonly wish: InputOf<'deployJob'>['body']
}

/** Settings of a job's first deployment that were left open; later ones take those of the one before. */
const firstSettings = {
  parallelism: 1,
  workers: 1,
  exchange: null,
  checkpointIntervalMs: 1_000,
  placement: 'shared',
} as const

/** Asks for a version to run, the newest by default, in place of what runs. */
@Injectable()
export class DeployJob {
  readonly #database: Database
  readonly #exchanges: Exchanges
  readonly #wakes: Wakes
  readonly #clock: Clock

  constructor(database: Database, exchanges: Exchanges, wakes: Wakes, @Inject(CLOCK) clock: Clock) {
    this.#database = database
    this.#exchanges = exchanges
    this.#wakes = wakes
    this.#clock = clock
  }

  /**
   * @throws LF_JOB_NOT_FOUND, LF_VERSION_NOT_FOUND, LF_RESTORE_UNKNOWN, LF_QUOTA_EXCEEDED, LF_CONNECTION_MISSING,
   * LF_CONNECTION_KIND, LF_WORKERS_SLOTS, LF_WORKERS_EXCHANGE
   */
  async execute({ caller, name, wish: given }: DeployJobCommand): Promise<DeploymentView> {
    const at = new Date(this.#clock.now())
    const { view, deployed } = await this.#database.tenant(caller.tenantId, async (tx) => {
      const job = await lockJob(tx, name)
      const version = given.version ?? job.latestVersion
      if (version === 0)
        throw new LightflusError('LF_VERSION_NOT_FOUND', `Job ${name} has no version yet.`, { details: { job: name } })
      const before = (await lockPresentDeployment(tx, job)) ?? firstSettings
      const parallelism = given.parallelism ?? before.parallelism
      const wish = {
        version,
        parallelism,
        workers: given.workers ?? Math.min(before.workers, parallelism),
        exchange: given.exchange === undefined ? before.exchange : given.exchange,
        checkpointIntervalMs: given.checkpointIntervalMs ?? before.checkpointIntervalMs,
        placement: given.placement ?? before.placement,
        restore: given.restore,
        ...(given.from === undefined ? {} : { restoreFrom: BigInt(given.from) }),
        acceptRepeats: given.acceptRepeats,
        dropState: given.dropState,
      }
      const deployed = await createDeployment(tx, { job, wish, exchanges: this.#exchanges, actor: caller.name, at })
      return { view: await viewDeployment(tx, job, deployed.created.id), deployed }
    })
    void this.#wakes.deployments(deployed.created, deployed.replaced)
    return view
  }
}
