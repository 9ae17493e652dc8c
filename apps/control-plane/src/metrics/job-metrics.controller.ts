import { Controller, Get, Res } from '@nestjs/common'
import type { Response } from 'express'
import { Database } from '../database/database.ts'
import { RequireAccess } from '../http/api-route.ts'
import { type Caller, CurrentCaller } from '../http/caller.ts'
import { viewJobs } from '../jobs/job-view.ts'
import { showMetrics } from '../jobs/metrics-view.ts'
import { jobMetricsText, type MeasuredJob } from './job-metrics-text.ts'

/** Not in the table of routes, since it answers with no JSON. */
@Controller()
export class JobMetricsController {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Figures of all jobs of the caller's tenant, in Prometheus' text form. */
  @Get('api/v1/metrics')
  @RequireAccess('viewer')
  async metrics(@CurrentCaller() { tenantId }: Caller, @Res() response: Response): Promise<void> {
    const { type, text } = await jobMetricsText(await this.#measure(tenantId))
    response.set({ 'Content-Type': type, 'Cache-Control': 'no-store' }).send(text)
  }

  async #measure(tenantId: string): Promise<MeasuredJob[]> {
    return this.#database.tenant(tenantId, async (tx) => {
      const jobs = await tx.client.job.findMany({ where: { tenantId }, orderBy: { name: 'asc' } })
      const views = await viewJobs(tx, jobs)
      const deployments = await tx.client.deployment.findMany({
        where: { tenantId, id: { in: views.flatMap(({ deployment }) => deployment?.id ?? []) } },
        select: {
          id: true,
          state: true,
          attempt: true,
          metrics: true,
          checkpoints: {
            where: { commitMs: { not: null } },
            orderBy: { checkpoint: 'desc' },
            take: 1,
            select: { commitMs: true },
          },
        },
      })
      const byId = new Map(deployments.map((deployment) => [deployment.id, deployment]))
      return views.map((job) => {
        const deployment = (job.deployment && byId.get(job.deployment.id)) ?? null
        return { job, metrics: showMetrics(deployment), commitMs: deployment?.checkpoints[0]?.commitMs ?? null }
      })
    })
  }
}
