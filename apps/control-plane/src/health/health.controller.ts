import { Controller, Get, HttpCode, Inject, Req, Res } from '@nestjs/common'
import { LightflusError } from '@lightflus/api'
import type { Request, Response } from 'express'
import { bearerToken } from '../auth/bearer-token.ts'
import type { Config } from '../config/config.ts'
import { Database } from '../database/database.ts'
import { RequireAccess } from '../http/api-route.ts'
import { CONFIG } from '../platform/platform.module.ts'
import { WORK_QUEUE, type WorkQueue } from '../queue/work-queue.ts'
import { Metrics } from './metrics.ts'

@Controller()
@RequireAccess('public')
export class HealthController {
  readonly #database: Database
  readonly #queue: WorkQueue
  readonly #metrics: Metrics
  readonly #config: Config

  constructor(
    database: Database,
    @Inject(WORK_QUEUE) queue: WorkQueue,
    metrics: Metrics,
    @Inject(CONFIG) config: Config,
  ) {
    this.#database = database
    this.#queue = queue
    this.#metrics = metrics
    this.#config = config
  }

  /** The process lives. */
  @Get('healthz')
  @HttpCode(200)
  health(): { status: 'ok' } {
    return { status: 'ok' }
  }

  /** It can work: the database answers. Without its queue it works, only later, so that is told and no reason to refuse. */
  @Get('readyz')
  async ready(): Promise<{ status: 'ok'; queue: 'ok' | 'unreachable' }> {
    try {
      await this.#database.platform.ping()
    } catch (cause) {
      throw new LightflusError('LF_DATABASE_UNREACHABLE', 'The platform’s database does not answer.', { cause })
    }
    const queue = await this.#queue.ping().then(
      () => 'ok' as const,
      () => 'unreachable' as const,
    )
    return { status: 'ok', queue }
  }

  @Get('metrics')
  async metrics(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { metricsToken } = this.#config
    if (metricsToken !== null && bearerToken(request) !== metricsToken)
      throw new LightflusError('LF_UNAUTHENTICATED', 'The metrics need their own bearer token.')
    response.type(this.#metrics.contentType).send(await this.#metrics.text())
  }
}
