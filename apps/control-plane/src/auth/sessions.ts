import { randomUUID } from 'node:crypto'
import { LightflusError } from '@lightflus/api'
import { Inject, Injectable } from '@nestjs/common'
import { AuditLog } from '../audit/audit-log.ts'
import { hashToken, newToken, tokenPrefixes } from '../crypto/tokens.ts'
import { Database, type TenantTransaction } from '../database/database.ts'
import { type Clock, CLOCK } from '../platform/clock.ts'
import type { Identity } from './access-tokens.ts'

/** A session ends this long after its sign-in, however often it is refreshed. */
export const sessionMsMax = 30 * 24 * 3_600_000
/**
 * How long after its first use a refresh token may be used again. Two tabs, or a client whose answer was lost, send it
 * twice within moments; a thief comes later.
 */
export const reuseLeewayMs = 10_000

export interface IssuedSession {
  readonly identity: Identity
  readonly refreshToken: string
}

type Refused = 'LF_SESSION_ENDED' | 'LF_SESSION_REUSED'

/** Sign-in sessions and their chains of refresh tokens. */
@Injectable()
export class Sessions {
  readonly #database: Database
  readonly #clock: Clock
  readonly #audit: AuditLog

  constructor(database: Database, @Inject(CLOCK) clock: Clock, audit: AuditLog) {
    this.#database = database
    this.#clock = clock
    this.#audit = audit
  }

  async start(identity: Identity, requestId: string): Promise<IssuedSession> {
    return this.#database.tenant(identity.tenantId, async (tx) => {
      const id = randomUUID()
      const now = this.#clock.now()
      await tx.client.session.create({
        data: { tenantId: tx.tenantId, id, userId: identity.userId, expiresAt: new Date(now + sessionMsMax) },
      })
      await this.#audit.record(tx, { actor: identity.email, action: 'signIn', target: null, status: 200, requestId })
      return { identity, refreshToken: await this.#issue(tx, id) }
    })
  }

  /** @throws LF_SESSION_ENDED, LF_SESSION_REUSED */
  async refresh(refreshToken: string): Promise<IssuedSession> {
    const owned = await this.#find(refreshToken)
    if (!owned) throw refusal('LF_SESSION_ENDED')
    const result = await this.#database.tenant(owned.tenantId, (tx) => this.#rotate(tx, owned.id))
    // Thrown after the transaction, so that the end of a session whose token was reused is kept.
    if (typeof result === 'string') throw refusal(result)
    return result
  }

  /** Ends the token's session; nothing happens if it is over. */
  async end(refreshToken: string, requestId: string): Promise<void> {
    const owned = await this.#find(refreshToken)
    if (!owned) return
    await this.#database.tenant(owned.tenantId, async (tx) => {
      const token = await tx.client.refreshToken.findUnique({
        where: { tenantId_id: { tenantId: tx.tenantId, id: owned.id } },
        include: { session: { include: { membership: { include: { user: { select: { email: true } } } } } } },
      })
      if (!token) return
      await this.#revoke(tx, token.sessionId, 'sign-out')
      const actor = token.session.membership.user.email
      await this.#audit.record(tx, { actor, action: 'signOut', target: null, status: 204, requestId })
    })
  }

  async #find(refreshToken: string) {
    if (!refreshToken.startsWith(tokenPrefixes.refreshToken)) return undefined
    return this.#database.platform.refreshTokenByHash(hashToken(refreshToken))
  }

  async #rotate(tx: TenantTransaction, tokenId: string): Promise<IssuedSession | Refused> {
    const { tenantId } = tx
    // Two uses of one token at once take turns here.
    await tx.client
      .$queryRaw`SELECT id FROM refresh_token WHERE tenant_id = ${tenantId}::uuid AND id = ${tokenId}::uuid FOR UPDATE`
    const token = await tx.client.refreshToken.findUnique({
      where: { tenantId_id: { tenantId, id: tokenId } },
      include: {
        session: {
          include: { tenant: true, membership: { include: { user: { select: { id: true, email: true } } } } },
        },
      },
    })
    const now = this.#clock.now()
    if (!token || token.session.revokedAt !== null || token.session.expiresAt.getTime() <= now)
      return 'LF_SESSION_ENDED'
    if (token.usedAt !== null && token.usedAt.getTime() < now - reuseLeewayMs) {
      await this.#revoke(tx, token.sessionId, 'reuse')
      return 'LF_SESSION_REUSED'
    }
    if (token.usedAt === null)
      await tx.client.refreshToken.update({
        where: { tenantId_id: { tenantId, id: tokenId } },
        data: { usedAt: new Date(now) },
      })
    const { membership, tenant } = token.session
    const { user, role } = membership
    const identity = { userId: user.id, email: user.email, tenantId, tenantName: tenant.name, role }
    return { identity, refreshToken: await this.#issue(tx, token.sessionId) }
  }

  async #issue(tx: TenantTransaction, sessionId: string): Promise<string> {
    const { token, hash } = newToken('refreshToken')
    await tx.client.refreshToken.create({
      data: { tenantId: tx.tenantId, id: randomUUID(), sessionId, tokenHash: hash },
    })
    return token
  }

  async #revoke(tx: TenantTransaction, sessionId: string, revokedBy: 'sign-out' | 'reuse'): Promise<void> {
    await tx.client.session.updateMany({
      where: { tenantId: tx.tenantId, id: sessionId, revokedAt: null },
      data: { revokedAt: new Date(this.#clock.now()), revokedBy },
    })
  }
}

function refusal(code: Refused): LightflusError {
  return code === 'LF_SESSION_ENDED'
    ? new LightflusError(code, 'The session is over.')
    : new LightflusError(code, 'This refresh token was used before. The session was ended.')
}
