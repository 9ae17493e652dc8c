import { LightflusError } from '@lightflus/api'
import {
  desiredByVerb,
  possibleVerbs,
  type Deployment as DeploymentView,
  type LifecycleVerb,
} from '@lightflus/contracts'
import { Inject, Injectable } from '@nestjs/common'
import { Database } from '../../database/database.ts'
import { changeState } from '../../deployments/change-state.ts'
import { lockPresentDeployment, requireJob } from '../../deployments/deployment-rows.ts'
import { assertSlotQuota } from '../../deployments/quota.ts'
import type { Caller } from '../../http/caller.ts'
import { type Clock, CLOCK } from '../../platform/clock.ts'
import { Wakes } from '../../reconciler/wakes.ts'
import { viewDeployment } from '../job-view.ts'

export interface ChangeDeploymentCommand {
  readonly caller: Pick<Caller, 'tenantId' | 'name'>
  readonly name: string
  readonly verb: LifecycleVerb
}

/** Suspends, resumes, stops, drains or cancels a job's present deployment. Asking for the same again changes nothing. */
@Injectable()
export class ChangeDeployment {
  readonly #database: Database
  readonly #wakes: Wakes
  readonly #clock: Clock

  constructor(database: Database, wakes: Wakes, @Inject(CLOCK) clock: Clock) {
    this.#database = database
    this.#wakes = wakes
    this.#clock = clock
  }

  /** @throws LF_JOB_NOT_FOUND, LF_JOB_NOT_DEPLOYED, LF_JOB_STATE, LF_QUOTA_EXCEEDED */
  async execute({ caller, name, verb }: ChangeDeploymentCommand): Promise<DeploymentView> {
    const { view, deployment } = await this.#database.tenant(caller.tenantId, async (tx) => {
      const job = await requireJob(tx, name)
      const details = { job: name }
      const deployment = await lockPresentDeployment(tx, job)
      if (!deployment) throw new LightflusError('LF_JOB_NOT_DEPLOYED', `Job ${name} has no deployment.`, { details })
      if (verb === 'resume' && deployment.state === 'SUSPENDED') await assertSlotQuota(tx, deployment.parallelism)
      const generation = deployment.generation + 1
      const outcome = await changeState(tx, deployment, {
        event: verb,
        actor: caller.name,
        at: new Date(this.#clock.now()),
        set: {
          desired: desiredByVerb[verb],
          generation,
          // A savepoint that the last run did not come to is not asked of the next.
          ...(verb === 'resume'
            ? { runGeneration: generation, workersLost: 0, savepointsTaken: deployment.savepointsAsked }
            : {}),
        },
      })
      if (outcome === 'unexpected') {
        const possible = possibleVerbs(deployment.state)
        const hint = possible.length > 0 ? `possible are ${possible.join(', ')}` : 'deploy it to run it again'
        throw new LightflusError(
          'LF_JOB_STATE',
          `Job ${name} is ${deployment.state}: ${verb} is not possible; ${hint}.`,
          {
            details,
          },
        )
      }
      return { view: await viewDeployment(tx, job, deployment.id), deployment }
    })
    void this.#wakes.deployments(deployment)
    return view
  }
}
