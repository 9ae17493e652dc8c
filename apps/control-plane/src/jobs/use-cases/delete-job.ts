import { randomUUID } from 'node:crypto'
import { LightflusError } from '@lightflus/api'
import { Inject, Injectable } from '@nestjs/common'
import type { Config } from '../../config/config.ts'
import { Database } from '../../database/database.ts'
import { checkpointLocation } from '../../deployments/checkpoint-location.ts'
import { lockJob, unendedStates } from '../../deployments/deployment-rows.ts'
import type { Caller } from '../../http/caller.ts'
import { notifyLive } from '../../live/notify.ts'
import { CONFIG } from '../../platform/platform.module.ts'
import { Wakes } from '../../reconciler/wakes.ts'

/** Deletes a job that is over, with all that is stored of it; its metered use stays. */
@Injectable()
export class DeleteJob {
  readonly #database: Database
  readonly #wakes: Wakes
  readonly #config: Config

  constructor(database: Database, wakes: Wakes, @Inject(CONFIG) config: Config) {
    this.#database = database
    this.#wakes = wakes
    this.#config = config
  }

  /** @throws LF_JOB_NOT_FOUND, LF_JOB_NOT_ENDED */
  async execute({ caller, name }: { readonly caller: Pick<Caller, 'tenantId'>; readonly name: string }): Promise<void> {
    await this.#database.tenant(caller.tenantId, async (tx) => {
      const { tenantId } = tx
      const job = await lockJob(tx, name)
      const unended = await tx.client.deployment.findFirst({
        where: { tenantId, jobId: job.id, state: { in: unendedStates } },
        select: { state: true },
      })
      if (unended)
        throw new LightflusError('LF_JOB_NOT_ENDED', `Job ${name} is ${unended.state}.`, { details: { job: name } })
      const location = checkpointLocation(this.#config, tenantId, job.id)
      await tx.client.abandonedCheckpoints.create({ data: { tenantId, id: randomUUID(), location } })
      await notifyLive(tx, job.id, 'status')
      await tx.client.job.delete({ where: { tenantId_id: { tenantId, id: job.id } } })
    })
    void this.#wakes.abandonedCheckpoints(caller.tenantId)
  }
}
