import { LightflusError } from '@lightflus/api'
import { Injectable } from '@nestjs/common'
import { hashToken, tokenPrefixes } from '../crypto/tokens.ts'
import { Database } from '../database/database.ts'
import type { WorkerCaller } from '../http/caller.ts'

/** Finds the worker, and with it the tenant, whose token this is. */
@Injectable()
export class AuthenticateWorker {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** @throws LF_WORKER_UNKNOWN, upon which a worker ends itself */
  async execute(token: string): Promise<WorkerCaller> {
    const owned = token.startsWith(tokenPrefixes.worker)
      ? await this.#database.platform.workerByTokenHash(hashToken(token))
      : undefined
    if (owned) return { workerId: owned.id, tenantId: owned.tenantId }
    throw new LightflusError('LF_WORKER_UNKNOWN', 'This worker token is not known.')
  }
}
