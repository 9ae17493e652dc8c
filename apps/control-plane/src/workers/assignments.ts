import type { Assignment } from '@lightflus/contracts'
import { Inject, Injectable } from '@nestjs/common'
import type { Config } from '../config/config.ts'
import { ConnectionSecrets } from '../connections/connection-secrets.ts'
import { Exchanges } from '../connections/exchanges.ts'
import type { TenantTransaction } from '../database/database.ts'
import { checkpointLocation } from '../deployments/checkpoint-location.ts'
import { hostedBy } from '../deployments/worker-share.ts'
import type { Deployment, Worker } from '../generated/client.ts'
import { CONFIG } from '../platform/platform.module.ts'

/** Deployments that one worker hosts at most: a sync must stay a matter of milliseconds. */
export const deploymentsPerWorkerMax = 500

/** What a worker should host, with all that it needs for it. */
@Injectable()
export class Assignments {
  readonly #config: Config
  readonly #secrets: ConnectionSecrets
  readonly #exchanges: Exchanges

  constructor(@Inject(CONFIG) config: Config, secrets: ConnectionSecrets, exchanges: Exchanges) {
    this.#config = config
    this.#secrets = secrets
    this.#exchanges = exchanges
  }

  async of(tx: TenantTransaction, workerId: string): Promise<Assignment[]> {
    const { tenantId } = tx
    const worker = await tx.client.worker.findUnique({ where: { tenantId_id: { tenantId, id: workerId } } })
    if (!worker) return []
    const rows = await tx.client.deployment.findMany({
      where: hostedBy(worker),
      orderBy: { createdAt: 'asc' },
      take: deploymentsPerWorkerMax,
      include: {
        job: { select: { name: true } },
        versionRow: { select: { bundleSha256: true, graphHash: true, connections: true } },
        checkpoints: { select: { checkpoint: true }, take: 1 },
      },
    })
    const names = [...new Set(rows.flatMap((row) => row.versionRow.connections))]
    const connections = await this.#secrets.resolve(tx, names)
    const placements = new Map<string, Assignment['placement']>()
    for (const row of rows) if (row.workers > 1) placements.set(row.id, await this.#placement(tx, worker, row))
    return rows.map((row) => ({
      deploymentId: row.id,
      jobId: row.jobId,
      jobName: row.job.name,
      version: row.version,
      generation: row.generation,
      desired: row.desired,
      parallelism: row.parallelism,
      bundlePath: `/worker/v1/deployments/${row.id}/bundle`,
      bundleSha256: row.versionRow.bundleSha256,
      graphHash: row.versionRow.graphHash,
      checkpointLocation: checkpointLocation(this.#config, tenantId, row.jobId),
      checkpointIntervalMs: row.checkpointIntervalMs,
      // A deployment that began afresh goes on from its own checkpoints once it has any.
      restore: row.restore || row.checkpoints.length > 0,
      from: row.restoreFrom === null ? null : Number(row.restoreFrom),
      acceptRepeats: row.acceptRepeats,
      dropState: row.dropState,
      slotHeapBytesMax: this.#config.slotHeapBytesMax,
      savepoint: row.savepointsAsked > row.savepointsTaken ? row.savepointsAsked : 0,
      connections: connections.filter(({ name }) => row.versionRow.connections.includes(name)),
      placement: placements.get(row.id) ?? null,
    }))
  }

  /** A worker whose exchange is gone hears nothing, as while the control plane is away: what runs goes on. */
  async #placement(
    tx: TenantTransaction,
    { number }: Worker,
    row: Deployment & { readonly job: { readonly name: string } },
  ): Promise<NonNullable<Assignment['placement']>> {
    const exchange = await this.#exchanges.require(tx, row.job.name, row)
    // Begins with the tenant, so that credentials of the exchange can be limited to it by prefix.
    const topicPrefix = `lightflus.${tx.tenantId}.${row.jobId}.${row.id}`
    return { worker: number, workers: row.workers, exchange, topicPrefix }
  }
}
