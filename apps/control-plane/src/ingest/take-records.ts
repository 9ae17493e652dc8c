import { LightflusError, type Graph } from '@lightflus/api'
import { readIngestBody, requireEndpoint } from '@lightflus/connectors'
import { parseStorageLocation } from '@lightflus/storage'
import { Inject, Injectable } from '@nestjs/common'
import type { Config } from '../config/config.ts'
import { Database } from '../database/database.ts'
import { requireJob } from '../deployments/deployment-rows.ts'
import { CONFIG } from '../platform/platform.module.ts'
import { IngestLogs } from './ingest-logs.ts'

export interface TakeRecordsCommand {
  readonly tenantId: string
  readonly job: string
  readonly endpoint: string
  readonly headers: Parameters<typeof readIngestBody>[1]
  readonly body: Uint8Array
}

export interface TakenRecords {
  /** Records of the request. */
  readonly accepted: number
  /** They had been taken before, with the same Idempotency-Key. */
  readonly duplicate: boolean
}

/** Whose job was ended for good; one that failed is deployed again, and then reads what came meanwhile. */
const endedStates: readonly string[] = ['STOPPED', 'DRAINED', 'CANCELLED', 'FINISHED']

/** Graphs held: those of versions never change. */
const graphsMax = 200

/** Puts the records of a request into the log of a job's endpoint, for its source to read. */
@Injectable()
export class TakeRecords {
  readonly #database: Database
  readonly #config: Config
  readonly #logs: IngestLogs
  readonly #graphs = new Map<string, Graph>()

  constructor(database: Database, @Inject(CONFIG) config: Config, logs: IngestLogs) {
    this.#database = database
    this.#config = config
    this.#logs = logs
  }

  /**
   * @throws LF_JOB_NOT_FOUND, LF_INGEST_ENDED, LF_INGEST_ENDPOINT_UNKNOWN, LF_INGEST_UNAVAILABLE, what is wrong with the
   * body, and what the log's writer throws
   */
  async execute({ tenantId, job, endpoint: name, headers, body }: TakeRecordsCommand): Promise<TakenRecords> {
    const { jobId, graph } = await this.#deployed(tenantId, job)
    const endpoint = requireEndpoint(job, graph, name)
    this.#assertReachable(job)
    const { records, key } = readIngestBody(endpoint, headers, body)
    const { duplicate } = await this.#logs.writer({ tenantId, jobId, job }, endpoint).append({ records, key })
    return { accepted: records.length, duplicate }
  }

  async #deployed(tenantId: string, name: string): Promise<{ readonly jobId: string; readonly graph: Graph }> {
    return this.#database.tenant(tenantId, async (tx) => {
      const { id: jobId, latestDeployment: number } = await requireJob(tx, name)
      const where = { tenantId_jobId_number: { tenantId, jobId, number } }
      const deployment = await tx.client.deployment.findUnique({ where, select: { state: true, version: true } })
      if (!deployment || endedStates.includes(deployment.state)) {
        const why = deployment ? `is ${deployment.state}` : 'has no deployment'
        throw new LightflusError('LF_INGEST_ENDED', `Job ${name} ${why} and takes no records.`, {
          details: { job: name },
        })
      }
      const { version } = deployment
      const key = `${jobId}/${version}`
      const known = this.#graphs.get(key)
      if (known) return { jobId, graph: known }
      const found = await tx.client.version.findUniqueOrThrow({
        where: { tenantId_jobId_version: { tenantId, jobId, version } },
        select: { graph: true },
      })
      const graph = found.graph as unknown as Graph
      if (this.#graphs.size === graphsMax) this.#graphs.delete(this.#graphs.keys().next().value!)
      this.#graphs.set(key, graph)
      return { jobId, graph }
    })
  }

  #assertReachable(job: string): void {
    const { checkpoints, provisioner } = this.#config
    if (parseStorageLocation(checkpoints).kind !== 'folder' || provisioner === 'process') return
    throw new LightflusError(
      'LF_INGEST_UNAVAILABLE',
      `Job ${job} takes no records over HTTP: the platform cannot reach its checkpoints.`,
      { details: { job } },
    )
  }
}
