import { Inject, Injectable } from '@nestjs/common'
import { JwtService } from '@nestjs/jwt'
import { roleSchema } from '@lightflus/contracts'
import { z } from 'zod'
import type { Keys } from '../crypto/keys.ts'
import type { Caller } from '../http/caller.ts'
import { type Clock, CLOCK } from '../platform/clock.ts'
import { KEYS } from '../platform/platform.module.ts'

/** A stolen access token, or a role that was taken away, works for this long at most. */
export const accessTokenMsMax = 10 * 60_000
export const tokenIssuer = 'lightflus'

export const claimsSchema = z.object({
  sub: z.uuid(),
  email: z.string(),
  tenant: z.uuid(),
  tenantName: z.string(),
  role: roleSchema,
  exp: z.number(),
})

/** A member of a tenant whose password or refresh token was right. */
export interface Identity {
  readonly userId: string
  readonly email: string
  readonly tenantId: string
  readonly tenantName: string
  readonly role: Caller['role']
}

export interface AccessToken {
  readonly accessToken: string
  readonly expiresAt: number
}

/** Signs access tokens (HS256). They carry role and tenant, so a request needs no look into the database. */
@Injectable()
export class AccessTokens {
  readonly #jwt: JwtService
  readonly #key: Buffer
  readonly #clock: Clock

  constructor(jwt: JwtService, @Inject(KEYS) keys: Keys, @Inject(CLOCK) clock: Clock) {
    this.#jwt = jwt
    this.#key = keys.accessTokens
    this.#clock = clock
  }

  sign(identity: Identity): AccessToken {
    const exp = Math.floor((this.#clock.now() + accessTokenMsMax) / 1_000)
    const { userId: sub, email, tenantId: tenant, tenantName, role } = identity
    const claims = { sub, email, tenant, tenantName, role, exp }
    const accessToken = this.#jwt.sign(claims, { secret: this.#key, algorithm: 'HS256', issuer: tokenIssuer })
    return { accessToken, expiresAt: exp * 1_000 }
  }
}
