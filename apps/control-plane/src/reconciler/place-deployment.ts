import { randomUUID } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import type { Keys } from '../crypto/keys.ts'
import { workerToken } from '../crypto/tokens.ts'
import { Database, type TenantTransaction } from '../database/database.ts'
import { activeStates, isTerminal, lockDeployment, unendedStates } from '../deployments/deployment-rows.ts'
import type { Deployment, Placement } from '../generated/client.ts'
import { KEYS } from '../platform/platform.module.ts'
import { deploymentsPerWorkerMax } from '../workers/assignments.ts'
import { Wakes } from './wakes.ts'

/** After so many losses in a row a deployment gets a worker of its own, so that one bad job does not end all others. */
export const lossesTogetherMax = 3

/** Sees that a deployment which should run has a worker to run on, or that the next one gets its turn. */
@Injectable()
export class PlaceDeployment {
  readonly #database: Database
  readonly #keys: Keys
  readonly #wakes: Wakes

  constructor(database: Database, @Inject(KEYS) keys: Keys, wakes: Wakes) {
    this.#database = database
    this.#keys = keys
    this.#wakes = wakes
  }

  async execute({ tenantId, id }: { readonly tenantId: string; readonly id: string }): Promise<void> {
    const { worker, next } = await this.#database.tenant(tenantId, async (tx) => {
      const deployment = await lockDeployment(tx, id)
      if (!deployment) return {}
      if (isTerminal(deployment.state)) return { next: await waitingAfter(tx, deployment) }
      if (deployment.state === 'SUSPENDED' || (await hasUnendedBefore(tx, deployment))) return {}
      return { worker: deployment.workerId ?? (await this.#assign(tx, deployment)) }
    })
    if (next) await this.#wakes.deployments({ tenantId, id: next })
    if (worker) await this.#wakes.worker({ tenantId, id: worker })
  }

  async #assign(tx: TenantTransaction, deployment: Deployment): Promise<string> {
    const { tenantId } = tx
    const alone = deployment.placement === 'dedicated' || deployment.workersLost >= lossesTogetherMax
    // Two deployments placed at once would else each make a shared worker.
    await tx.client.$queryRaw`SELECT id FROM tenant WHERE id = ${tenantId}::uuid FOR UPDATE`
    const workerId =
      (alone ? undefined : await findShared(tx)) ?? (await this.#create(tx, alone ? 'dedicated' : 'shared'))
    await tx.client.deployment.update({
      where: { tenantId_id: { tenantId, id: deployment.id } },
      data: { workerId },
    })
    await tx.client.worker.update({ where: { tenantId_id: { tenantId, id: workerId } }, data: { idleSince: null } })
    return workerId
  }

  async #create(tx: TenantTransaction, placement: Placement): Promise<string> {
    const id = randomUUID()
    const { hash: tokenHash } = workerToken(this.#keys.workerTokens, id)
    await tx.client.worker.create({ data: { tenantId: tx.tenantId, id, placement, tokenHash } })
    return id
  }
}

async function findShared(tx: TenantTransaction): Promise<string | undefined> {
  const { tenantId } = tx
  const workers = await tx.client.worker.findMany({
    where: { tenantId, placement: 'shared', removing: false },
    select: { id: true, _count: { select: { deployments: { where: { state: { in: activeStates } } } } } },
    orderBy: { createdAt: 'asc' },
  })
  return workers.find((worker) => worker._count.deployments < deploymentsPerWorkerMax)?.id
}

/** Whether an older deployment of the job is still to end. */
async function hasUnendedBefore(tx: TenantTransaction, { jobId, number }: Deployment): Promise<boolean> {
  const before = await tx.client.deployment.findFirst({
    where: { tenantId: tx.tenantId, jobId, number: { lt: number }, state: { in: unendedStates } },
    select: { id: true },
  })
  return before !== null
}

/** The newer deployment that waited for this one's end. */
async function waitingAfter(tx: TenantTransaction, { jobId, number }: Deployment): Promise<string | undefined> {
  const after = await tx.client.deployment.findFirst({
    where: { tenantId: tx.tenantId, jobId, number: { gt: number }, state: 'PENDING' },
    select: { id: true },
  })
  return after?.id
}
