import { LightflusError } from '@lightflus/api'
import { Controller, Get, Inject, Param, Res } from '@nestjs/common'
import type { Response } from 'express'
import { Database } from '../database/database.ts'
import { requireJob } from '../deployments/deployment-rows.ts'
import { RequireAccess } from '../http/api-route.ts'
import { type Caller, CurrentCaller } from '../http/caller.ts'
import { type Clock, CLOCK } from '../platform/clock.ts'
import { type Limits, LIMITS } from '../platform/limits.ts'
import { LiveHub } from './live-hub.ts'
import { LiveReader } from './live-reader.ts'
import { LiveStream } from './live-stream.ts'
import type { LiveKind } from './notify.ts'

/** Timers hold no longer times; a key that lives longer than this just opens a new stream. */
const streamMsMax = 24 * 3_600_000

@Controller()
export class LiveController {
  readonly #database: Database
  readonly #hub: LiveHub
  readonly #reader: LiveReader
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #open = new Map<string, number>()

  constructor(
    database: Database,
    hub: LiveHub,
    reader: LiveReader,
    @Inject(CLOCK) clock: Clock,
    @Inject(LIMITS) limits: Limits,
  ) {
    this.#database = database
    this.#hub = hub
    this.#reader = reader
    this.#clock = clock
    this.#limits = limits
  }

  /** Server-sent {@link LiveEvent}s of a job, until the credentials end, the job is deleted or the viewer leaves. */
  @Get('api/v1/jobs/:name/live')
  @RequireAccess('viewer')
  async live(@CurrentCaller() caller: Caller, @Param('name') name: string, @Res() response: Response): Promise<void> {
    const { tenantId } = caller
    const { id: jobId } = await this.#database.tenant(tenantId, (tx) => requireJob(tx, name))
    const free = this.#take(tenantId, caller.tenantName)
    const read: ConstructorParameters<typeof LiveStream>[0]['read'] = (kinds, from) =>
      this.#reader.read(tenantId, jobId, kinds, from)
    const stream = new LiveStream({ read, output: response })
    const end = () => stream.end()
    const expiry = setTimeout(end, Math.min(streamMsMax, (caller.expiresAt ?? Infinity) - this.#clock.now()))
    response.once('close', end)
    let unsubscribe = () => {}
    try {
      unsubscribe = await this.#hub.subscribe(tenantId, jobId, {
        changed: (kinds: readonly LiveKind[]) => stream.changed(kinds),
        ended: end,
      })
      response.status(200).set({
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        // nginx would else collect the stream before it passes it on.
        'X-Accel-Buffering': 'no',
      })
      response.flushHeaders()
      await stream.run()
      response.end()
    } finally {
      unsubscribe()
      clearTimeout(expiry)
      free()
    }
  }

  #take(tenantId: string, tenantName: string): () => void {
    const open = this.#open.get(tenantId) ?? 0
    const max = this.#limits.liveStreamsPerTenantMax
    if (open >= max)
      throw new LightflusError('LF_QUOTA_EXCEEDED', `Tenant ${tenantName} may hold ${max} live streams open and does.`)
    this.#open.set(tenantId, open + 1)
    return () => {
      const left = (this.#open.get(tenantId) ?? 1) - 1
      if (left === 0) this.#open.delete(tenantId)
      else this.#open.set(tenantId, left)
    }
  }
}
