import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common'
import { Database } from '../database/database.ts'
import { type Clock, CLOCK } from '../platform/clock.ts'
import { type Limits, LIMITS } from '../platform/limits.ts'
import { accessOf, routeOf } from './api-route.ts'
import type { LightflusRequest } from './caller.ts'
import { rateLimited } from './rate-limited.ts'
import { RateLimiter } from './rate-limiter.ts'

/** Before credentials are looked at: how often one address may try to sign in. */
@Injectable()
export class AddressThrottleGuard implements CanActivate {
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #limiter = new RateLimiter()

  constructor(@Inject(CLOCK) clock: Clock, @Inject(LIMITS) limits: Limits) {
    this.#clock = clock
    this.#limits = limits
  }

  canActivate(context: ExecutionContext): boolean {
    if (accessOf(context) !== 'public' || routeOf(context) === undefined) return true
    const request = context.switchToHttp().getRequest<LightflusRequest>()
    const waitMs = this.#limiter.take(request.ip ?? '', this.#limits.signInsPerAddress, this.#clock.now())
    if (waitMs > 0) throw rateLimited('sign-ins from this address', waitMs)
    return true
  }
}

const quotaMsMax = 60_000

/** After it: how often one tenant may call, by its own quota. Workers are not counted: they come at a known pace. */
@Injectable()
export class TenantThrottleGuard implements CanActivate {
  readonly #clock: Clock
  readonly #database: Database
  readonly #limiter = new RateLimiter()
  /** Quotas of tenants that called lately, each kept for a minute. */
  readonly #quotas = new Map<string, { readonly requestsMax: number; readonly readAt: number }>()

  constructor(@Inject(CLOCK) clock: Clock, database: Database) {
    this.#clock = clock
    this.#database = database
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { user } = context.switchToHttp().getRequest<LightflusRequest>()
    if (!user) return true
    const now = this.#clock.now()
    const requestsMax = await this.#quota(user.tenantId, now)
    const waitMs = this.#limiter.take(user.tenantId, { requestsMax, windowMs: 60_000 }, now)
    if (waitMs > 0) throw rateLimited(`requests of tenant ${user.tenantName}`, waitMs)
    return true
  }

  async #quota(tenantId: string, now: number): Promise<number> {
    const known = this.#quotas.get(tenantId)
    if (known && now - known.readAt < quotaMsMax) return known.requestsMax
    for (const [id, { readAt }] of this.#quotas) if (now - readAt >= quotaMsMax) this.#quotas.delete(id)
    const tenant = await this.#database.tenant(tenantId, (tx) =>
      tx.client.tenant.findUnique({ where: { id: tenantId }, select: { requestsPerMinuteMax: true } }),
    )
    const requestsMax = tenant?.requestsPerMinuteMax ?? 0
    this.#quotas.set(tenantId, { requestsMax, readAt: now })
    return requestsMax
  }
}
