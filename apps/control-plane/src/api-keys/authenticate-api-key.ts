import { LightflusError } from '@lightflus/api'
import { Inject, Injectable } from '@nestjs/common'
import { hashToken } from '../crypto/tokens.ts'
import { Database } from '../database/database.ts'
import type { Caller } from '../http/caller.ts'
import { type Clock, CLOCK } from '../platform/clock.ts'

/** How exact `lastUsedAt` is: a key in constant use is not written at every request. */
const lastUsedMsMax = 60_000

/** Finds whom an API key speaks for. */
@Injectable()
export class AuthenticateApiKey {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, @Inject(CLOCK) clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /** Undefined: there is no such key. @throws LF_TOKEN_EXPIRED */
  async execute(token: string): Promise<Caller | undefined> {
    const owned = await this.#database.platform.apiKeyByHash(hashToken(token))
    if (!owned) return undefined
    return this.#database.tenant(owned.tenantId, async (tx) => {
      const where = { tenantId_id: { tenantId: tx.tenantId, id: owned.id } }
      const key = await tx.client.apiKey.findUnique({ where, include: { tenant: true } })
      if (!key) return undefined
      const now = this.#clock.now()
      if (key.expiresAt !== null && key.expiresAt.getTime() <= now)
        throw new LightflusError('LF_TOKEN_EXPIRED', `API key ${key.name} expired at ${key.expiresAt.toISOString()}.`)
      if (key.lastUsedAt === null || now - key.lastUsedAt.getTime() > lastUsedMsMax)
        await tx.client.apiKey.update({ where, data: { lastUsedAt: new Date(now) } })
      return {
        kind: 'api-key',
        id: key.id,
        name: `API key ${key.name}`,
        email: null,
        tenantId: tx.tenantId,
        tenantName: key.tenant.name,
        role: key.role,
        expiresAt: key.expiresAt?.getTime() ?? null,
      }
    })
  }
}
