import { Controller, Headers, HttpCode, Param, Post, Req } from '@nestjs/common'
import { RequireAccess } from '../http/api-route.ts'
import { type Caller, CurrentCaller, type LightflusRequest } from '../http/caller.ts'
import { type TakenRecords, TakeRecords } from './take-records.ts'

/**
 * Not in the table of routes: the body is the sender's own, and neither kept as an answer of an Idempotency-Key (the log
 * itself knows keys again) nor worth an entry of the audit log for each.
 */
@Controller()
export class IngestController {
  readonly #take: TakeRecords

  constructor(take: TakeRecords) {
    this.#take = take
  }

  @Post('api/v1/jobs/:name/ingest/:endpoint')
  @HttpCode(202)
  @RequireAccess('developer')
  ingest(
    @CurrentCaller() { tenantId }: Caller,
    @Param('name') job: string,
    @Param('endpoint') endpoint: string,
    @Headers('content-type') contentType: string | undefined,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Req() request: LightflusRequest,
  ): Promise<TakenRecords> {
    // Without a body express leaves what it began with.
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    return this.#take.execute({ tenantId, job, endpoint, headers: { contentType, idempotencyKey }, body })
  }
}
