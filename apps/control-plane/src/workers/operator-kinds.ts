import type { Graph } from '@lightflus/api'
import { Injectable } from '@nestjs/common'
import type { TenantTransaction } from '../database/database.ts'
import type { Deployment } from '../generated/client.ts'

/** Versions remembered; reports of all others read theirs again. */
const versionsMax = 1_000

/** Kinds of a version's operators by their ids. Versions never change, so what was read once need not be read again. */
@Injectable()
export class OperatorKinds {
  readonly #known = new Map<string, ReadonlyMap<string, string>>()

  async of(tx: TenantTransaction, { jobId, version }: Deployment): Promise<ReadonlyMap<string, string>> {
    const key = `${tx.tenantId}/${jobId}/${version}`
    const known = this.#known.get(key)
    if (known) return known
    const row = await tx.client.version.findUniqueOrThrow({
      where: { tenantId_jobId_version: { tenantId: tx.tenantId, jobId, version } },
      select: { graph: true },
    })
    const kinds = new Map((row.graph as unknown as Graph).operators.map(({ id, kind }) => [id, kind]))
    this.#known.set(key, kinds)
    if (this.#known.size > versionsMax) this.#known.delete(this.#known.keys().next().value as string)
    return kinds
  }
}
