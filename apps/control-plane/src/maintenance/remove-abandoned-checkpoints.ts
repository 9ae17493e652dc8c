import { rm } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { Inject, Injectable, Logger } from '@nestjs/common'
import type { Config } from '../config/config.ts'
import { Database } from '../database/database.ts'
import { CONFIG } from '../platform/platform.module.ts'

const batchMax = 100

/**
 * Removes the checkpoints of deleted jobs where this control plane can reach them: in its own file system. Elsewhere (a
 * volume that only workers mount) the rows stay until a control plane that can reach them has removed them.
 */
@Injectable()
export class RemoveAbandonedCheckpoints {
  readonly #database: Database
  readonly #config: Config
  readonly #logger = new Logger('Maintenance')

  constructor(database: Database, @Inject(CONFIG) config: Config) {
    this.#database = database
    this.#config = config
  }

  async execute(tenantId: string): Promise<void> {
    if (this.#config.provisioner !== 'process') return
    const rows = await this.#database.tenant(tenantId, (tx) =>
      tx.client.abandonedCheckpoints.findMany({ where: { tenantId }, take: batchMax }),
    )
    for (const { id, location } of rows) {
      if (this.#isOurs(location)) await rm(location, { recursive: true, force: true })
      else
        this.#logger.warn(
          { location },
          'Checkpoints of a deleted job lie outside the folder of checkpoints; they are left there.',
        )
      await this.#database.tenant(tenantId, (tx) =>
        tx.client.abandonedCheckpoints.deleteMany({ where: { tenantId, id } }),
      )
    }
  }

  /** What lies elsewhere, after the folder was moved, is not for this program to remove. */
  #isOurs(location: string): boolean {
    return resolve(location).startsWith(resolve(this.#config.checkpointDir) + sep)
  }
}
