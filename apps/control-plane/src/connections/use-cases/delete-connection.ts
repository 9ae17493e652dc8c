import { LightflusError } from '@lightflus/api'
import { Injectable } from '@nestjs/common'
import { Database } from '../../database/database.ts'
import { unendedStates } from '../../deployments/deployment-rows.ts'
import { requireConnection } from '../connection-use.ts'

/** Deletes a connection that no deployment needs any more. */
@Injectable()
export class DeleteConnection {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** @throws LF_CONNECTION_NOT_FOUND, LF_CONNECTION_IN_USE */
  async execute({ tenantId, name }: { readonly tenantId: string; readonly name: string }): Promise<void> {
    await this.#database.tenant(tenantId, async (tx) => {
      const { id } = await requireConnection(tx, name)
      const users = await tx.client.deployment.findMany({
        where: {
          tenantId,
          state: { in: unendedStates },
          OR: [{ versionRow: { connections: { has: name } } }, { exchange: name, workers: { gt: 1 } }],
        },
        select: { job: { select: { name: true } } },
        orderBy: { job: { name: 'asc' } },
      })
      if (users.length > 0) {
        const jobs = [...new Set(users.map(({ job }) => job.name))].join(', ')
        throw new LightflusError('LF_CONNECTION_IN_USE', `Connection ${name} is used by ${jobs}.`)
      }
      await tx.client.connection.delete({ where: { tenantId_id: { tenantId, id } } })
    })
  }
}
