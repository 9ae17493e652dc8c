import { resolve, sep } from 'node:path'
import { parseStorageLocation, removeStorage } from '@lightflus/storage'
import { Inject, Injectable, Logger } from '@nestjs/common'
import type { Config } from '../config/config.ts'
import { Database } from '../database/database.ts'
import { CONFIG } from '../platform/platform.module.ts'

const batchMax = 100

/**
 * Removes the checkpoints of deleted jobs where this control plane can reach them: in its own file system, or in S3 with
 * the credentials of its environment. Elsewhere (a volume that only workers mount) the rows stay until a control plane
 * that can reach them has removed them.
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
    const rows = await this.#database.tenant(tenantId, (tx) =>
      tx.client.abandonedCheckpoints.findMany({ where: { tenantId }, take: batchMax }),
    )
    for (const { id, location } of rows) {
      if (parseStorageLocation(location).kind === 'folder' && this.#config.provisioner !== 'process') continue
      if (!this.#isOurs(location))
        this.#logger.warn(
          { location },
          'Checkpoints of a deleted job lie outside the place of checkpoints; they are left there.',
        )
      else await removeStorage(location)
      await this.#database.tenant(tenantId, (tx) =>
        tx.client.abandonedCheckpoints.deleteMany({ where: { tenantId, id } }),
      )
    }
  }

  /** What lies elsewhere, after the place was changed, is not for this program to remove. */
  #isOurs(location: string): boolean {
    const at = parseStorageLocation(location)
    const all = parseStorageLocation(this.#config.checkpoints)
    if (at.kind === 'folder') return all.kind === 'folder' && resolve(at.folder).startsWith(resolve(all.folder) + sep)
    if (all.kind === 'folder' || at.bucket !== all.bucket || at.endpoint !== all.endpoint) return false
    return all.prefix === '' || at.prefix.startsWith(`${all.prefix}/`)
  }
}
