import { ExtractJwt, Strategy } from 'passport-jwt'
import type { Caller } from '../../http/caller.ts'
import { claimsSchema, tokenIssuer } from '../access-tokens.ts'

/** The access token of a session, as bearer token. */
export function jwtStrategy(key: Buffer): Strategy {
  const options = {
    jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
    secretOrKey: key,
    algorithms: ['HS256' as const],
    issuer: tokenIssuer,
  }
  return new Strategy(options, (payload: unknown, done) => done(null, callerOf(payload)))
}

function callerOf(payload: unknown): Caller | false {
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
