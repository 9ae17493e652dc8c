import { connectionSecrets, type Assignment, type ConnectionKind } from '@lightflus/contracts'
import { Injectable } from '@nestjs/common'
import { SecretBox } from '../crypto/secret-box.ts'
import type { TenantTransaction } from '../database/database.ts'
import type { Connection, Prisma } from '../generated/client.ts'
import { mergeSecrets, splitSecrets } from './secret-fields.ts'

export type ResolvedConnection = Assignment['connections'][number]

/** Keeps the secret fields of connections apart and sealed, and joins them again for whoever may use them. */
@Injectable()
export class ConnectionSecrets {
  readonly #box: SecretBox

  constructor(box: SecretBox) {
    this.#box = box
  }

  /** What is stored of a connection's options. Sealed for this tenant and connection alone. */
  seal(tenantId: string, id: string, kind: ConnectionKind, options: object) {
    const { shown, secrets } = splitSecrets(options, connectionSecrets[kind])
    return {
      options: shown as Prisma.InputJsonObject,
      secrets: this.#box.seal(JSON.stringify(secrets), contextOf(tenantId, id)),
    }
  }

  open(row: Connection): ResolvedConnection {
    const secrets = JSON.parse(this.#box.open(row.secrets, contextOf(row.tenantId, row.id))) as Record<string, unknown>
    return { name: row.name, kind: row.kind, options: mergeSecrets(row.options as object, secrets) }
  }

  /** The tenant's connections of these names, with their secrets; a name without one is left out. */
  async resolve(tx: TenantTransaction, names: readonly string[]): Promise<ResolvedConnection[]> {
    if (names.length === 0) return []
    const rows = await tx.client.connection.findMany({ where: { tenantId: tx.tenantId, name: { in: [...names] } } })
    return rows.map((row) => this.open(row))
  }
}

function contextOf(tenantId: string, id: string): string {
  return `connection/${tenantId}/${id}`
}
