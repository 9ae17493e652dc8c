import { LightflusError } from '@lightflus/api'
import { syncRequestSchema, type SyncResponse } from '@lightflus/contracts'
import { Body, Controller, Get, Header, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common'
import { Database } from '../database/database.ts'
import { hostedBy } from '../deployments/worker-share.ts'
import { RequireAccess } from '../http/api-route.ts'
import { CurrentWorker, type WorkerCaller } from '../http/caller.ts'
import { ListedError, problemsOf } from '../http/listed-error.ts'
import { SyncWorker } from './sync-worker.ts'

/** The worker protocol: what libs/contracts/src/worker-protocol.ts says. */
@Controller('worker/v1')
@RequireAccess('worker')
export class WorkersController {
  readonly #sync: SyncWorker
  readonly #database: Database

  constructor(sync: SyncWorker, database: Database) {
    this.#sync = sync
    this.#database = database
  }

  @Post('sync')
  @HttpCode(200)
  async sync(@CurrentWorker() worker: WorkerCaller, @Body() body: unknown): Promise<SyncResponse> {
    const parsed = syncRequestSchema.safeParse(body)
    if (!parsed.success) throw ListedError.of('LF_REQUEST_INVALID', problemsOf(parsed.error, 'body'))
    if (parsed.data.workerId !== worker.workerId)
      throw new LightflusError('LF_WORKER_UNKNOWN', 'The token is that of another worker.')
    return this.#sync.execute(worker, parsed.data)
  }

  /** The bundle of a deployment that this worker hosts. */
  @Get('deployments/:id/bundle')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  async bundle(@CurrentWorker() worker: WorkerCaller, @Param('id', ParseUUIDPipe) id: string): Promise<string> {
    const { tenantId, workerId } = worker
    const found = await this.#database.tenant(tenantId, async (tx) => {
      const host = await tx.client.worker.findUnique({ where: { tenantId_id: { tenantId, id: workerId } } })
      if (!host) return null
      return tx.client.deployment.findFirst({
        where: { AND: [{ id }, hostedBy(host)] },
        select: { versionRow: { select: { bundleText: true } } },
      })
    })
    if (found) return found.versionRow.bundleText
    throw new LightflusError('LF_ROUTE_UNKNOWN', `This worker hosts no deployment ${id}.`)
  }
}
