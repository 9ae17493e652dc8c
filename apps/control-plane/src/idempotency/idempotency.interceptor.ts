import { createHash } from 'node:crypto'
import { LightflusError } from '@lightflus/api'
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common'
import type { Response } from 'express'
import { catchError, from, mergeMap, type Observable, of, throwError } from 'rxjs'
import { SecretBox } from '../crypto/secret-box.ts'
import { Database, isUniqueViolation } from '../database/database.ts'
import { routeOf } from '../http/api-route.ts'
import type { LightflusRequest } from '../http/caller.ts'
import { type Clock, CLOCK } from '../platform/clock.ts'

/** How long an answer is kept for a repetition of its request. */
export const idempotencyKeyMsMax = 24 * 3_600_000
/** How long a request without an answer counts as under way: longer than any takes, so its process must be gone. */
const underWayMsMax = 120_000
const keyLengthMax = 200

interface StoredAnswer {
  readonly status: number
  readonly body: unknown
}

/**
 * `Idempotency-Key` on a POST: the first request with a key is carried out and its answer kept for 24 hours; a
 * repetition gets that answer. Only answers of success are kept: a request that failed changed nothing, and may be
 * tried again with the same key. Keys are a tenant's own.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  readonly #database: Database
  readonly #box: SecretBox
  readonly #clock: Clock

  constructor(database: Database, box: SecretBox, @Inject(CLOCK) clock: Clock) {
    this.#database = database
    this.#box = box
    this.#clock = clock
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp()
    const request = http.getRequest<LightflusRequest>()
    const key = request.headers['idempotency-key']
    const { user } = request
    // A route that is not in the table knows repetitions itself.
    if (!user || !routeOf(context) || request.method !== 'POST' || typeof key !== 'string') return next.handle()
    if (key.length === 0 || key.length > keyLengthMax)
      throw new LightflusError('LF_REQUEST_INVALID', `Idempotency-Key: 1 to ${keyLengthMax} characters`)
    const response = http.getResponse<Response>()
    const { tenantId } = user
    const requestHash = createHash('sha256')
      .update(JSON.stringify([user.kind, user.id, request.method, request.path, request.body ?? null]))
      .digest('hex')
    const stored = await this.#begin(tenantId, key, requestHash)
    if (stored) {
      response.status(stored.status).setHeader('Idempotency-Replayed', 'true')
      return of(stored.body)
    }
    return next.handle().pipe(
      mergeMap(async (body: unknown) => {
        await this.#finish(tenantId, key, { status: response.statusCode, body })
        return body
      }),
      catchError((thrown: unknown) => from(this.#forget(tenantId, key)).pipe(mergeMap(() => throwError(() => thrown)))),
    )
  }

  /** Takes the key for this request, or returns the answer that is kept under it. */
  async #begin(tenantId: string, key: string, requestHash: string): Promise<StoredAnswer | undefined> {
    const now = this.#clock.now()
    const lockedUntil = new Date(now + underWayMsMax)
    try {
      await this.#database.tenant(tenantId, async (tx) => {
        // What is too old counts as absent, also before maintenance has removed it.
        await tx.client.idempotencyKey.deleteMany({
          where: {
            tenantId,
            key,
            OR: [
              { createdAt: { lt: new Date(now - idempotencyKeyMsMax) } },
              { status: null, lockedUntil: { lt: new Date(now) } },
            ],
          },
        })
        const data = { tenantId, key, requestHash, createdAt: new Date(now), lockedUntil }
        await tx.client.idempotencyKey.create({ data })
      })
      return undefined
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
    }
    const where = { tenantId_key: { tenantId, key } }
    const row = await this.#database.tenant(tenantId, (tx) => tx.client.idempotencyKey.findUnique({ where }))
    if (!row || (row.requestHash === requestHash && (row.status === null || row.response === null)))
      throw new LightflusError(
        'LF_IDEMPOTENCY_IN_PROGRESS',
        'The request with this Idempotency-Key is still being handled.',
      )
    if (row.requestHash !== requestHash)
      throw new LightflusError('LF_IDEMPOTENCY_MISMATCH', 'This Idempotency-Key belongs to another request.')
    const text = this.#box.open(row.response as Uint8Array, contextOf(tenantId, key))
    return { status: row.status as number, body: JSON.parse(text).body as unknown }
  }

  async #finish(tenantId: string, key: string, { status, body }: StoredAnswer): Promise<void> {
    const response = this.#box.seal(JSON.stringify({ body }), contextOf(tenantId, key))
    await this.#database.tenant(tenantId, (tx) =>
      tx.client.idempotencyKey.update({ where: { tenantId_key: { tenantId, key } }, data: { status, response } }),
    )
  }

  async #forget(tenantId: string, key: string): Promise<void> {
    await this.#database.tenant(tenantId, (tx) =>
      tx.client.idempotencyKey.deleteMany({ where: { tenantId, key, status: null } }),
    )
  }
}

function contextOf(tenantId: string, key: string): string {
  return `idempotency/${tenantId}/${key}`
}
