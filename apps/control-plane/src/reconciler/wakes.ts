import { Inject, Injectable, Logger } from '@nestjs/common'
import { type QueueName, WORK_QUEUE, type WorkQueue } from '../queue/work-queue.ts'

interface Owned {
  readonly tenantId: string
  readonly id: string
}

/** Keys under which the queues are woken, and what they mean. */
export const keys = {
  deployment: ({ tenantId, id }: Owned) => `deployment/${tenantId}/${id}`,
  worker: ({ tenantId, id }: Owned) => `worker/${tenantId}/${id}`,
  tenant: (tenantId: string) => `tenant/${tenantId}`,
  /** Look at everything. */
  all: 'all',
} as const

/**
 * Wakes handlers. A wake-up that cannot be given is logged and forgotten: what it was about stands in Postgres, and the
 * periodic pass finds it. None of this rejects, so who serves a request need not wait for it: with a Redis that does
 * not answer that takes seconds.
 */
@Injectable()
export class Wakes {
  readonly #queue: WorkQueue
  readonly #logger = new Logger('Wakes')

  constructor(@Inject(WORK_QUEUE) queue: WorkQueue) {
    this.#queue = queue
  }

  async deployments(...deployments: readonly (Owned | undefined)[]): Promise<void> {
    for (const deployment of deployments) if (deployment) await this.#wake('deployments', keys.deployment(deployment))
  }

  async worker(worker: Owned, delayMs = 0): Promise<void> {
    await this.#wake('deployments', keys.worker(worker), delayMs)
  }

  async abandonedCheckpoints(tenantId: string): Promise<void> {
    await this.#wake('checkpoints', keys.tenant(tenantId))
  }

  async tenant(queue: QueueName, tenantId: string): Promise<void> {
    await this.#wake(queue, keys.tenant(tenantId))
  }

  async #wake(queue: QueueName, key: string, delayMs = 0): Promise<void> {
    try {
      await this.#queue.wake(queue, key, { delayMs })
    } catch (error) {
      this.#logger.warn({ queue, key, err: error }, 'A wake-up could not be given; the periodic pass makes up for it.')
    }
  }
}
