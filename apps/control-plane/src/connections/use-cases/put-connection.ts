import { randomUUID } from 'node:crypto'
import type { ConnectionKind } from '@lightflus/contracts'
import { Inject, Injectable } from '@nestjs/common'
import type { Config } from '../../config/config.ts'
import { Database } from '../../database/database.ts'
import type { Connection } from '../../generated/client.ts'
import { type Clock, CLOCK } from '../../platform/clock.ts'
import { CONFIG } from '../../platform/platform.module.ts'
import { ConnectionSecrets } from '../connection-secrets.ts'
import { assertExternalHosts, hostsOf } from '../internal-addresses.ts'

export interface PutConnectionCommand {
  readonly tenantId: string
  readonly name: string
  readonly kind: ConnectionKind
  readonly options: object
}

/**
 * Makes a connection, or replaces it whole: a secret that is left out is gone. Deployments that run go on with what they
 * have until their next attempt.
 */
@Injectable()
export class PutConnection {
  readonly #database: Database
  readonly #secrets: ConnectionSecrets
  readonly #config: Config
  readonly #clock: Clock

  constructor(
    database: Database,
    secrets: ConnectionSecrets,
    @Inject(CONFIG) config: Config,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#database = database
    this.#secrets = secrets
    this.#config = config
    this.#clock = clock
  }

  /** @throws LF_CONNECTION_ADDRESS where the platform is hosted */
  async execute({ tenantId, name, kind, options }: PutConnectionCommand): Promise<Connection> {
    if (!this.#config.embedded) await assertExternalHosts(hostsOf({ ...options }))
    const updatedAt = new Date(this.#clock.now())
    return this.#database.tenant(tenantId, async (tx) => {
      const data = {
        tenantId,
        id: randomUUID(),
        name,
        kind,
        options: {},
        secrets: Buffer.alloc(0),
        createdAt: updatedAt,
      }
      await tx.client.connection.createMany({ data, skipDuplicates: true })
      // Secrets are sealed for the row's id, which is known only now.
      const where = { tenantId_name: { tenantId, name } }
      const { id } = await tx.client.connection.findUniqueOrThrow({ where, select: { id: true } })
      const sealed = this.#secrets.seal(tenantId, id, kind, options)
      return tx.client.connection.update({ where, data: { kind, updatedAt, ...sealed } })
    })
  }
}
