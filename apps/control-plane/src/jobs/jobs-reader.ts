import { LightflusError } from '@lightflus/api'
import type { Job as JobView, JobMetrics, JobEvent as JobEventView, Version as VersionView } from '@lightflus/contracts'
import { Injectable } from '@nestjs/common'
import { z } from 'zod'
import { Database, type TenantTransaction } from '../database/database.ts'
import { requireJob } from '../deployments/deployment-rows.ts'
import { Prisma } from '../generated/client.ts'
import { decodeCursor, type Page, pageOfRows } from '../http/cursor.ts'
import {
  type Checkpoint,
  showCheckpoint,
  showEvent,
  showLogLine,
  showResultRow,
  showVersion,
  showVersionSummary,
  type StoredLogLine,
  type StoredRow,
  type VersionSummary,
  viewJobs,
  viewOneJob,
} from './job-view.ts'
import { showMetrics } from './metrics-view.ts'

export interface PageQuery {
  readonly cursor?: string | undefined
  readonly limit: number
}

/** Ids are 64 bits wide; as text they survive JSON. */
const idCursor = z.string().regex(/^\d{1,18}$/)

/** What is read of jobs: lists are paged by cursor, newest first but for the jobs themselves, which go by name. */
@Injectable()
export class JobsReader {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async list(tenantId: string, { cursor, limit }: PageQuery): Promise<Page<JobView>> {
    const after = decodeCursor(cursor, z.string().max(63))
    return this.#database.tenant(tenantId, async (tx) => {
      const rows = await tx.client.job.findMany({
        where: { tenantId, ...(after === undefined ? {} : { name: { gt: after } }) },
        orderBy: { name: 'asc' },
        take: limit + 1,
      })
      const { nextCursor } = pageOfRows(
        rows,
        limit,
        (row) => row,
        ({ name }) => name,
      )
      return { items: await viewJobs(tx, rows.slice(0, limit)), nextCursor }
    })
  }

  async get(tenantId: string, name: string): Promise<JobView> {
    return this.#database.tenant(tenantId, async (tx) => viewOneJob(tx, await requireJob(tx, name)))
  }

  async metrics(tenantId: string, name: string): Promise<JobMetrics> {
    return this.#database.tenant(tenantId, async (tx) => {
      const { id: jobId, latestDeployment: number } = await requireJob(tx, name)
      const deployment = await tx.client.deployment.findUnique({
        where: { tenantId_jobId_number: { tenantId, jobId, number } },
        include: { metrics: true },
      })
      return showMetrics(deployment)
    })
  }

  async versions(tenantId: string, name: string, { cursor, limit }: PageQuery): Promise<Page<VersionSummary>> {
    const before = decodeCursor(cursor, z.number().int())
    const rows = await this.#ofJob(tenantId, name, (tx, jobId) =>
      tx.client.version.findMany({
        where: { tenantId, jobId, ...(before === undefined ? {} : { version: { lt: before } }) },
        omit: { bundleText: true, programText: true, graph: true },
        orderBy: { version: 'desc' },
        take: limit + 1,
      }),
    )
    return pageOfRows(rows, limit, showVersionSummary, ({ version }) => version)
  }

  async version(tenantId: string, name: string, version: number): Promise<VersionView> {
    const row = await this.#ofJob(tenantId, name, (tx, jobId) =>
      tx.client.version.findUnique({
        where: { tenantId_jobId_version: { tenantId, jobId, version } },
        omit: { bundleText: true },
      }),
    )
    if (row) return showVersion(row)
    throw new LightflusError('LF_VERSION_NOT_FOUND', `Job ${name} has no version ${version}.`, {
      details: { job: name },
    })
  }

  async checkpoints(tenantId: string, name: string, { cursor, limit }: PageQuery): Promise<Page<Checkpoint>> {
    const before = decodeCursor(cursor, idCursor)
    const rows = await this.#ofJob(tenantId, name, (tx, jobId) =>
      tx.client.deploymentCheckpoint.findMany({
        where: { tenantId, jobId, ...(before === undefined ? {} : { checkpoint: { lt: BigInt(before) } }) },
        orderBy: { checkpoint: 'desc' },
        take: limit + 1,
      }),
    )
    return pageOfRows(rows, limit, showCheckpoint, ({ checkpoint }) => String(checkpoint))
  }

  async events(tenantId: string, name: string, query: PageQuery): Promise<Page<JobEventView>> {
    const rows = await this.#ofJob(tenantId, name, (tx, jobId) =>
      tx.client.jobEvent.findMany(newestFirst(tenantId, jobId, query)),
    )
    return pageOfRows(rows, query.limit, showEvent, ({ id }) => String(id))
  }

  async logs(tenantId: string, name: string, query: PageQuery): Promise<Page<StoredLogLine>> {
    const rows = await this.#ofJob(tenantId, name, (tx, jobId) =>
      tx.client.logLine.findMany(newestFirst(tenantId, jobId, query)),
    )
    return pageOfRows(rows, query.limit, showLogLine, ({ id }) => String(id))
  }

  async rows(tenantId: string, name: string, query: PageQuery): Promise<Page<StoredRow>> {
    const rows = await this.#ofJob(tenantId, name, (tx, jobId) =>
      tx.client.resultRow.findMany(withRow(newestFirst(tenantId, jobId, query))),
    )
    return pageOfRows(rows, query.limit, showResultRow<StoredRow>, ({ id }) => String(id))
  }

  async #ofJob<T>(
    tenantId: string,
    name: string,
    read: (tx: TenantTransaction, jobId: string) => Promise<T>,
  ): Promise<T> {
    return this.#database.tenant(tenantId, async (tx) => read(tx, (await requireJob(tx, name)).id))
  }
}

function newestFirst(tenantId: string, jobId: string, { cursor, limit }: PageQuery) {
  const before = decodeCursor(cursor, idCursor)
  return {
    where: { tenantId, jobId, ...(before === undefined ? {} : { id: { lt: BigInt(before) } }) },
    orderBy: { id: 'desc' },
    take: limit + 1,
  } as const
}

/** Without those that only say that a row is gone. */
function withRow<Query extends ReturnType<typeof newestFirst>>(query: Query) {
  return { ...query, where: { ...query.where, NOT: { row: { equals: Prisma.JsonNull } } } }
}
