import { LightflusError } from '@lightflus/api'
import type { Deployment as DeploymentView, DeploymentState } from '@lightflus/contracts'
import { Injectable } from '@nestjs/common'
import { Database } from '../../database/database.ts'
import { lockPresentDeployment, requireJob } from '../../deployments/deployment-rows.ts'
import { recordJobEvent } from '../../deployments/job-events.ts'
import type { Caller } from '../../http/caller.ts'
import { Wakes } from '../../reconciler/wakes.ts'
import { viewDeployment } from '../job-view.ts'

export interface TakeSavepointCommand {
  readonly caller: Pick<Caller, 'tenantId' | 'name'>
  readonly name: string
}

const possible: readonly DeploymentState[] = ['STARTING', 'RUNNING', 'RESTARTING']

/** Asks a running job for a savepoint. Asking while one is under way asks for no other. */
@Injectable()
export class TakeSavepoint {
  readonly #database: Database
  readonly #wakes: Wakes

  constructor(database: Database, wakes: Wakes) {
    this.#database = database
    this.#wakes = wakes
  }

  /** @throws LF_JOB_NOT_FOUND, LF_JOB_NOT_DEPLOYED, LF_JOB_STATE */
  async execute({ caller, name }: TakeSavepointCommand): Promise<DeploymentView> {
    const { tenantId } = caller
    const { view, deployment } = await this.#database.tenant(tenantId, async (tx) => {
      const job = await requireJob(tx, name)
      const details = { job: name }
      const deployment = await lockPresentDeployment(tx, job)
      if (!deployment) throw new LightflusError('LF_JOB_NOT_DEPLOYED', `Job ${name} has no deployment.`, { details })
      const { id, state, savepointsAsked, savepointsTaken } = deployment
      if (!possible.includes(state))
        throw new LightflusError(
          'LF_JOB_STATE',
          `Job ${name} is ${state}: only a job that runs can take a savepoint.`,
          {
            details,
          },
        )
      if (savepointsAsked === savepointsTaken) {
        const where = { tenantId_id: { tenantId, id } }
        await tx.client.deployment.update({ where, data: { savepointsAsked: { increment: 1 } } })
        await recordJobEvent(tx, {
          jobId: job.id,
          deploymentId: id,
          kind: 'savepoint',
          reason: 'A user asked for a savepoint.',
          actor: caller.name,
        })
      }
      return { view: await viewDeployment(tx, job, id), deployment }
    })
    void this.#wakes.deployments(deployment)
    return view
  }
}
