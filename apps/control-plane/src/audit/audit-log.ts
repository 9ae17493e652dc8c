import { Injectable } from '@nestjs/common'
import type { TenantTransaction } from '../database/database.ts'

export interface AuditRecord {
  /** The caller's name. */
  readonly actor: string
  /** Name of a route, or of what a command of the platform did. */
  readonly action: string
  readonly target: string | null
  /** HTTP status; null while it is under way. */
  readonly status: number | null
  readonly requestId: string
}

/** The tenant's record of who asked for which change. */
@Injectable()
export class AuditLog {
  /** Returns the entry's id. */
  async record(tx: TenantTransaction, record: AuditRecord): Promise<bigint> {
    const entry = await tx.client.auditEntry.create({
      data: { tenantId: tx.tenantId, ...record },
      select: { id: true },
    })
    return entry.id
  }

  /** Adds how it ended. */
  async settle(tx: TenantTransaction, id: bigint, status: number, code: string | null): Promise<void> {
    await tx.client.auditEntry.updateMany({ where: { tenantId: tx.tenantId, id }, data: { status, code } })
  }
}
