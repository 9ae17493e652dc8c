import { Inject, Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { ExtractJwt, Strategy } from 'passport-jwt'
import type { Keys } from '../../crypto/keys.ts'
import type { Caller } from '../../http/caller.ts'
import { KEYS } from '../../platform/platform.module.ts'
import { claimsSchema, tokenIssuer } from '../access-tokens.ts'

/** The access token of a session, as bearer token. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(@Inject(KEYS) keys: Keys) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: keys.accessTokens,
      algorithms: ['HS256'],
      issuer: tokenIssuer,
    })
  }

  validate(payload: unknown): Caller | false {
    const claims = claimsSchema.safeParse(payload).data
    if (!claims) return false
    return {
      kind: 'user',
      id: claims.sub,
      name: claims.email,
      email: claims.email,
      tenantId: claims.tenant,
      tenantName: claims.tenantName,
      role: claims.role,
      expiresAt: claims.exp * 1_000,
    }
  }
}
