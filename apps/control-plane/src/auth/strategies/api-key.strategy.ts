import type passport from 'passport'
import { Strategy } from 'passport-custom'
import type { AuthenticateApiKey } from '../../api-keys/authenticate-api-key.ts'
import { tokenPrefixes } from '../../crypto/tokens.ts'
import { bearerToken } from '../bearer-token.ts'

/** An API key, as bearer token. */
export function apiKeyStrategy(authenticate: AuthenticateApiKey): passport.Strategy {
  return new Strategy((request, done) => {
    const token = bearerToken(request)
    if (!token?.startsWith(tokenPrefixes.apiKey)) return done(null, false)
    authenticate.execute(token).then((caller) => done(null, caller), done)
  })
}
