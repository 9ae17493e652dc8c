import { LightflusError, toLightflusError } from '@lightflus/api'
import { Inject, Injectable, Logger } from '@nestjs/common'
import type { Config } from '../config/config.ts'
import type { Keys } from '../crypto/keys.ts'
import { workerToken } from '../crypto/tokens.ts'
import { Database, type TenantTransaction } from '../database/database.ts'
import { changeState, jsonOrNull } from '../deployments/change-state.ts'
import { tenantCheckpointLocation } from '../deployments/checkpoint-location.ts'
import { activeStates, lockDeployment } from '../deployments/deployment-rows.ts'
import { recordJobEvent } from '../deployments/job-events.ts'
import { hostedBy, slotsOfWorker } from '../deployments/worker-share.ts'
import type { Deployment, Prisma, Worker } from '../generated/client.ts'
import { notifyLive } from '../live/notify.ts'
import { type Clock, CLOCK } from '../platform/clock.ts'
import { type Limits, LIMITS } from '../platform/limits.ts'
import { CONFIG, KEYS } from '../platform/platform.module.ts'
import {
  PROVISIONER,
  type Provisioner,
  type WorkerIdentity,
  type WorkerObservation,
} from '../provisioner/provisioner.ts'
import { decideWorker, startDelayMs, type WorkerDecision } from './decide-worker.ts'
import { Listening } from './listening.ts'
import { lossesTogetherMax } from './place-deployment.ts'
import { Wakes } from './wakes.ts'

interface Seen {
  readonly worker: Worker
  readonly identity: WorkerIdentity
  readonly hosted: readonly Deployment[]
}

/** Observes one worker, compares it with what it should be, and acts. Every act can be repeated. */
@Injectable()
export class KeepWorker {
  readonly #database: Database
  readonly #provisioner: Provisioner
  readonly #wakes: Wakes
  readonly #listening: Listening
  readonly #config: Config
  readonly #keys: Keys
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #logger = new Logger('Reconciler')

  constructor(
    database: Database,
    @Inject(PROVISIONER) provisioner: Provisioner,
    wakes: Wakes,
    listening: Listening,
    @Inject(CONFIG) config: Config,
    @Inject(KEYS) keys: Keys,
    @Inject(CLOCK) clock: Clock,
    @Inject(LIMITS) limits: Limits,
  ) {
    this.#database = database
    this.#provisioner = provisioner
    this.#wakes = wakes
    this.#listening = listening
    this.#config = config
    this.#keys = keys
    this.#clock = clock
    this.#limits = limits
  }

  async execute({ tenantId, id }: { readonly tenantId: string; readonly id: string }): Promise<void> {
    const seen = await this.#database.tenant(tenantId, (tx) => look(tx, id))
    if (!seen) return
    const [observed] = await this.#provisioner.observe(seen.identity)
    const decision = this.#decide(seen, observed)
    await this.#act(seen, observed, decision)
    if (decision.againInMs !== undefined) await this.#wakes.worker({ tenantId, id }, decision.againInMs)
  }

  #decide({ worker, hosted }: Seen, { presence, runningSince }: WorkerObservation): WorkerDecision {
    const rules = {
      silenceMsMax: this.#limits.workerSilenceMsMax,
      idleMsMax: this.#limits.workerIdleMsMax,
      listeningSince: this.#listening.since,
    }
    const facts = {
      presence,
      runningSince: runningSince ?? null,
      hosted: hosted.length,
      removing: worker.removing,
      startedAt: worker.startedAt?.getTime() ?? null,
      startAfter: worker.startAfter?.getTime() ?? null,
      lastSyncAt: worker.lastSyncAt?.getTime() ?? null,
      idleSince: worker.idleSince?.getTime() ?? null,
    }
    return decideWorker(facts, rules, this.#clock.now())
  }

  async #act(seen: Seen, observed: WorkerObservation, { act }: WorkerDecision): Promise<void> {
    const now = new Date(this.#clock.now())
    switch (act) {
      case 'keep':
        return
      case 'adopt':
        return this.#update(seen.worker, { startedAt: now })
      case 'rest':
        return this.#update(seen.worker, { idleSince: now })
      case 'start':
        return this.#start(seen, now)
      case 'lost':
        return this.#lose(seen, observed.detail ?? 'its process is gone', now)
      case 'hung':
        await this.#provisioner.removeWorker(seen.identity)
        return this.#lose(seen, `it had been silent for ${this.#limits.workerSilenceMsMax / 1_000} s`, now)
      case 'remove':
        return this.#remove(seen)
    }
  }

  /** The start is written down after it was asked for: a control plane that dies in between asks again, harmlessly. */
  async #start({ worker, identity, hosted }: Seen, now: Date): Promise<void> {
    const { token, hash: tokenHash } = workerToken(this.#keys.workerTokens, worker.id)
    if (worker.tokenHash !== tokenHash) await this.#update(worker, { tokenHash })
    try {
      await this.#provisioner.ensureWorker({
        ...identity,
        placement: worker.placement,
        token,
        controlPlaneUrl: this.#listening.url,
        slots: hosted.reduce((sum, deployment) => sum + slotsOfWorker(worker.number, deployment), 0),
        slotHeapBytesMax: this.#config.slotHeapBytesMax,
        // All of its tenant's: it may be given other deployments later, and cannot be given other rights.
        checkpointLocations: [tenantCheckpointLocation(this.#config, worker.tenantId)],
      })
    } catch (thrown) {
      await this.#showFailure(hosted, thrown)
      throw thrown
    }
    await this.#update(worker, { startedAt: now, startAfter: null, lastSyncAt: null })
  }

  /** Ends a life of the worker in the record: each of its deployments learns of it, and fails if it was once too often. */
  async #lose({ worker, hosted }: Seen, detail: string, now: Date): Promise<void> {
    const { tenantId } = worker
    const steady =
      worker.startedAt && worker.lastSyncAt && worker.lastSyncAt.getTime() - worker.startedAt.getTime() > 60_000
    const losses = steady ? 1 : worker.losses + 1
    this.#logger.warn({ workerId: worker.id, detail, losses }, 'A worker was lost.')
    await this.#database.tenant(tenantId, async (tx) => {
      // Only once, though two control planes may have seen it.
      const { count } = await tx.client.worker.updateMany({
        where: { tenantId, id: worker.id, startedAt: worker.startedAt },
        data: { startedAt: null, losses, startAfter: new Date(now.getTime() + startDelayMs(losses)) },
      })
      if (count === 0) return
      for (const { id } of hosted) await this.#loseDeployment(tx, id, worker, detail, now)
    })
    await this.#wakes.deployments(...hosted)
    await this.#wakes.worker(worker)
  }

  async #loseDeployment(tx: TenantTransaction, id: string, worker: Worker, detail: string, at: Date): Promise<void> {
    const deployment = await lockDeployment(tx, id)
    const isHosted = deployment && (deployment.workerId === worker.id || deployment.id === worker.partOf)
    if (!isHosted || !activeStates.includes(deployment.state)) return
    const workersLost = deployment.workersLost + 1
    const apart = worker.placement === 'shared' && workersLost >= lossesTogetherMax
    const set = { workersLost, ...(apart ? { workerId: null } : {}) }
    const by = { actor: 'platform', at, detail: `Worker lost: ${detail}.`, set }
    if (workersLost >= this.#limits.workersLostMax) {
      const error = new LightflusError('LF_WORKER_LOST', `${workersLost} workers in a row were lost: ${detail}.`)
      const outcome = await changeState(tx, deployment, { event: 'workersExhausted', error: error.toJSON(), ...by })
      if (outcome === 'changed') return
    }
    if (worker.partOf !== null) await recordLoss(tx, deployment, worker, detail)
    else if ((await changeState(tx, deployment, { event: 'workerLost', ...by })) === 'changed') return
    await tx.client.deployment.update({ where: { tenantId_id: { tenantId: tx.tenantId, id } }, data: set })
  }

  async #remove({ worker, identity }: Seen): Promise<void> {
    const { tenantId, id } = worker
    const removing = await this.#database.tenant(tenantId, async (tx) => {
      // Whoever places a deployment holds this row too, so none can be placed on it from here on.
      await tx.client.$queryRaw`SELECT id FROM tenant WHERE id = ${tenantId}::uuid FOR UPDATE`
      // Once it is marked it only goes, though the deployment that it is part of may want another by now.
      const hosted = worker.removing ? 0 : await tx.client.deployment.count({ where: hostedBy(worker) })
      if (hosted > 0) return false
      await tx.client.worker.updateMany({ where: { tenantId, id }, data: { removing: true } })
      return true
    })
    if (!removing) return
    await this.#provisioner.removeWorker(identity)
    await this.#database.tenant(tenantId, (tx) => tx.client.worker.deleteMany({ where: { tenantId, id } }))
  }

  /** Why a deployment waits stands in its status, until it runs. */
  async #showFailure(hosted: readonly Deployment[], thrown: unknown): Promise<void> {
    const error = toLightflusError(thrown, 'LF_PROVISIONER_FAILED', 'The worker could not be placed.').toJSON()
    const { cause: _cause, ...shown } = error
    for (const { tenantId, id, jobId } of hosted)
      await this.#database.tenant(tenantId, async (tx) => {
        await tx.client.deployment.updateMany({ where: { tenantId, id }, data: { error: jsonOrNull(shown) } })
        await notifyLive(tx, jobId, 'status')
      })
  }

  async #update({ tenantId, id }: Worker, data: Prisma.WorkerUncheckedUpdateManyInput): Promise<void> {
    await this.#database.tenant(tenantId, (tx) => tx.client.worker.updateMany({ where: { tenantId, id }, data }))
  }
}

async function look(tx: TenantTransaction, id: string): Promise<Seen | undefined> {
  const { tenantId } = tx
  const found = await tx.client.worker.findUnique({
    where: { tenantId_id: { tenantId, id } },
    include: { tenant: { select: { name: true } } },
  })
  if (!found) return undefined
  const { tenant, ...worker } = found
  const hosted = await tx.client.deployment.findMany({ where: hostedBy(worker) })
  return { worker, hosted, identity: { workerId: id, tenantId, tenantName: tenant.name } }
}

/** One of several workers is gone, but not the first: it is for the first, which goes on, to say what state that makes. */
async function recordLoss(tx: TenantTransaction, deployment: Deployment, worker: Worker, detail: string) {
  await recordJobEvent(tx, {
    jobId: deployment.jobId,
    deploymentId: deployment.id,
    kind: 'workerLost',
    reason: `Worker ${worker.number} of ${deployment.workers} was lost: ${detail}.`,
    actor: 'platform',
  })
}
