import type { SyncRequest, SyncResponse } from '@lightflus/contracts'
import { Inject, Injectable } from '@nestjs/common'
import { Database } from '../database/database.ts'
import type { WorkerCaller } from '../http/caller.ts'
import { type Clock, CLOCK } from '../platform/clock.ts'
import { Wakes } from '../reconciler/wakes.ts'
import { ApplyReport } from './apply-report.ts'
import { Assignments } from './assignments.ts'
import { recordPart } from './record-part.ts'

/** One sync of a worker: takes its reports in, each in a transaction of its own, and says what it should host. */
@Injectable()
export class SyncWorker {
  readonly #database: Database
  readonly #applyReport: ApplyReport
  readonly #assignments: Assignments
  readonly #wakes: Wakes
  readonly #clock: Clock

  constructor(
    database: Database,
    applyReport: ApplyReport,
    assignments: Assignments,
    wakes: Wakes,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#database = database
    this.#applyReport = applyReport
    this.#assignments = assignments
    this.#wakes = wakes
    this.#clock = clock
  }

  async execute({ tenantId, workerId }: WorkerCaller, request: SyncRequest): Promise<SyncResponse> {
    const now = this.#clock.now()
    const acknowledged: SyncResponse['acknowledged'] = []
    for (const report of request.reports) {
      const { deploymentId, attempt } = report
      const applied = await this.#database.tenant(tenantId, (tx) =>
        this.#applyReport.execute(tx, workerId, report, now),
      )
      acknowledged.push({ deploymentId, attempt, ...applied.acknowledged })
      if (applied.changed) void this.#wakes.deployments({ tenantId, id: deploymentId })
    }
    const assignments = await this.#database.tenant(tenantId, async (tx) => {
      for (const part of request.parts) await recordPart(tx, workerId, part)
      await tx.client.worker.updateMany({
        where: { tenantId, id: workerId },
        data: { lastSyncAt: new Date(now), pid: request.pid, residentBytes: BigInt(request.residentBytes) },
      })
      return this.#assignments.of(tx, workerId)
    })
    return { assignments, acknowledged }
  }
}
