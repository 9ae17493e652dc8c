import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import { Database } from '../database/database.ts'
import { unendedStates } from '../deployments/deployment-rows.ts'
import { ForgetExpired } from '../maintenance/forget-expired.ts'
import { RemoveAbandonedCheckpoints } from '../maintenance/remove-abandoned-checkpoints.ts'
import { PROVISIONER, type Provisioner } from '../provisioner/provisioner.ts'
import { type QueueName, WORK_QUEUE, type WorkQueue } from '../queue/work-queue.ts'
import { KeepWorker } from './keep-worker.ts'
import { Listening } from './listening.ts'
import { PlaceDeployment } from './place-deployment.ts'
import { keys, Wakes } from './wakes.ts'

const intervalsMs = {
  deployments: 5_000,
  checkpoints: 60_000,
  metering: 3_600_000,
  maintenance: 600_000,
} as const satisfies Record<QueueName, number>
const heartbeatMs = 5_000

/**
 * Hands what the queues wake to those who handle it, and wakes everything that is not at rest again and again: a message
 * that was lost, or a control plane that died half-way, costs one interval.
 */
@Injectable()
export class Reconciler implements OnApplicationShutdown {
  readonly #database: Database
  readonly #queue: WorkQueue
  readonly #provisioner: Provisioner
  readonly #place: PlaceDeployment
  readonly #keep: KeepWorker
  readonly #forget: ForgetExpired
  readonly #removeAbandoned: RemoveAbandonedCheckpoints
  readonly #wakes: Wakes
  readonly #listening: Listening
  readonly #logger = new Logger('Reconciler')
  #heartbeat: NodeJS.Timeout | undefined
  #stopWatching: () => void = () => {}
  #beating = false

  constructor(
    database: Database,
    @Inject(WORK_QUEUE) queue: WorkQueue,
    @Inject(PROVISIONER) provisioner: Provisioner,
    place: PlaceDeployment,
    keep: KeepWorker,
    forget: ForgetExpired,
    removeAbandoned: RemoveAbandonedCheckpoints,
    wakes: Wakes,
    listening: Listening,
  ) {
    this.#database = database
    this.#queue = queue
    this.#provisioner = provisioner
    this.#place = place
    this.#keep = keep
    this.#forget = forget
    this.#removeAbandoned = removeAbandoned
    this.#wakes = wakes
    this.#listening = listening
  }

  /** Begins to work. `url` is where workers reach this platform, so it must listen by now. */
  start(url: string): void {
    this.#listening.begin(url)
    this.#heartbeat = setInterval(() => void this.#beat(), heartbeatMs)
    this.#stopWatching = this.#provisioner.onChange(
      ({ tenantId, workerId }) => void this.#wakes.worker({ tenantId, id: workerId }),
    )
    this.#queue.consume('deployments', (key) => this.#reconcile(key), { concurrency: 4 })
    this.#queue.consume(
      'checkpoints',
      this.#eachTenant('checkpoints', (id) => this.#removeAbandoned.execute(id)),
      { concurrency: 1 },
    )
    this.#queue.consume(
      'metering',
      this.#eachTenant('metering', (id) => this.#forget.attempts(id)),
      { concurrency: 1 },
    )
    this.#queue.consume(
      'maintenance',
      this.#eachTenant('maintenance', (id) => this.#forget.execute(id)),
      { concurrency: 1 },
    )
    for (const [queue, intervalMs] of Object.entries(intervalsMs))
      // A queue that cannot be reached now makes up for it by itself once it can.
      void this.#queue.every(queue as QueueName, keys.all, intervalMs).catch((error: unknown) => this.#warn(error))
  }

  onApplicationShutdown(): void {
    clearInterval(this.#heartbeat)
    this.#stopWatching()
  }

  async #reconcile(key: string): Promise<void> {
    const [kind, tenantId, id] = key.split('/')
    if (kind === keys.all) await this.#wakeAll()
    else if (kind === 'deployment') await this.#place.execute({ tenantId, id })
    else if (kind === 'worker') await this.#keep.execute({ tenantId, id })
    else this.#logger.warn({ key }, 'The queue of deployments was woken with a key that means nothing; it is ignored.')
  }

  async #wakeAll(): Promise<void> {
    await this.#wakes.deployments(...(await this.#database.platform.deploymentsIn(unendedStates)))
    // Observed first: a worker that is placed meanwhile is then in the list of those that are known.
    const observed = await this.#provisioner.observe()
    const known = await this.#database.platform.workers()
    for (const worker of known) await this.#wakes.worker(worker)
    const ids = new Set(known.map(({ id }) => id))
    for (const { workerId, tenantId } of observed) if (!ids.has(workerId)) await this.#removeOrphan(tenantId, workerId)
  }

  /** A worker that no row speaks of: its row went with a restored backup, or its tenant is gone. */
  async #removeOrphan(tenantId: string, workerId: string): Promise<void> {
    const tenant = await this.#database.tenant(tenantId, ({ client }) =>
      client.tenant.findUnique({ where: { id: tenantId }, select: { name: true } }),
    )
    if (!tenant) return
    this.#logger.warn({ workerId }, 'A worker that belongs to nothing is removed.')
    await this.#provisioner.removeWorker({ workerId, tenantId, tenantName: tenant.name })
  }

  #eachTenant(queue: QueueName, work: (tenantId: string) => Promise<void>): (key: string) => Promise<void> {
    return async (key) => {
      const [kind, tenantId] = key.split('/')
      if (kind === 'tenant') return work(tenantId)
      for (const id of await this.#database.platform.tenantIds()) await this.#wakes.tenant(queue, id)
    }
  }

  async #beat(): Promise<void> {
    if (this.#beating) return
    this.#beating = true
    try {
      await this.#database.platform.ping()
      this.#listening.heartbeat()
      const queueAnswers = await this.#queue.ping().then(
        () => true,
        () => false,
      )
      if (!queueAnswers) await this.#passAlone()
    } catch (error) {
      this.#warn(error)
    } finally {
      this.#beating = false
    }
  }

  /** The periodic pass when nothing can be woken: everything one by one, in this process. */
  async #passAlone(): Promise<void> {
    const { platform } = this.#database
    const attempt = (work: Promise<void>) => work.catch((error: unknown) => this.#warn(error))
    for (const deployment of await platform.deploymentsIn(unendedStates)) await attempt(this.#place.execute(deployment))
    for (const worker of await platform.workers()) await attempt(this.#keep.execute(worker))
  }

  #warn(error: unknown): void {
    this.#logger.warn({ err: error }, 'Something the platform rests on does not answer; it is tried again.')
  }
}
