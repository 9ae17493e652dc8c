import { Inject, Injectable } from '@nestjs/common'
import { Database } from '../database/database.ts'
import { idempotencyKeyMsMax } from '../idempotency/idempotency.interceptor.ts'
import { type Clock, CLOCK } from '../platform/clock.ts'

const dayMs = 24 * 3_600_000
/** An expired API key is shown as such for a while before it is gone. */
const expiredKeysMsMax = 30 * dayMs
const auditMsMax = 400 * dayMs
/** A worker that is alone for longer than this has ended long ago, so none reports of such an attempt any more. */
const attemptsMsMax = 30 * dayMs

/** Removes what a tenant keeps for a time only. */
@Injectable()
export class ForgetExpired {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, @Inject(CLOCK) clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /** Sessions, idempotency keys, API keys, audit entries. */
  async execute(tenantId: string): Promise<void> {
    const before = (ms: number) => new Date(this.#clock.now() - ms)
    await this.#database.tenant(tenantId, async ({ client }) => {
      await client.session.deleteMany({ where: { tenantId, expiresAt: { lt: before(0) } } })
      await client.idempotencyKey.deleteMany({ where: { tenantId, createdAt: { lt: before(idempotencyKeyMsMax) } } })
      await client.apiKey.deleteMany({ where: { tenantId, expiresAt: { lt: before(expiredKeysMsMax) } } })
      await client.auditEntry.deleteMany({ where: { tenantId, at: { lt: before(auditMsMax) } } })
    })
  }

  /** Counters of attempts that nobody reports of any more. What they metered stands in the hours. */
  async attempts(tenantId: string): Promise<void> {
    const reportedAt = { lt: new Date(this.#clock.now() - attemptsMsMax) }
    await this.#database.tenant(tenantId, ({ client }) =>
      client.deploymentAttempt.deleteMany({ where: { tenantId, reportedAt } }),
    )
  }
}
