import { Inject, Injectable } from '@nestjs/common'
import type { Response } from 'express'
import passport from 'passport'
import { AuthenticateApiKey } from '../api-keys/authenticate-api-key.ts'
import type { Keys } from '../crypto/keys.ts'
import type { Caller, LightflusRequest } from '../http/caller.ts'
import { KEYS } from '../platform/platform.module.ts'
import type { Identity } from './access-tokens.ts'
import { apiKeyStrategy } from './strategies/api-key.strategy.ts'
import { jwtStrategy } from './strategies/jwt.strategy.ts'
import { localStrategy } from './strategies/local.strategy.ts'
import { VerifyPassword } from './use-cases/verify-password.ts'

/** What passport found: someone, or what its strategies had to say against the credentials. */
export type Verdict<T> = { readonly found: T } | { readonly found: undefined; readonly objections: readonly unknown[] }

/**
 * Passport with this platform's strategies. An instance of its own, not passport's global one: two control planes in one
 * process must not answer with each other's.
 */
@Injectable()
export class Authenticator {
  readonly #passport = new passport.Passport()

  constructor(@Inject(KEYS) keys: Keys, authenticateApiKey: AuthenticateApiKey, verifyPassword: VerifyPassword) {
    this.#passport.use('jwt', jwtStrategy(keys.accessTokens))
    this.#passport.use('api-key', apiKeyStrategy(authenticateApiKey))
    this.#passport.use('local', localStrategy(verifyPassword))
  }

  /** Whose bearer token the request carries. */
  caller(request: LightflusRequest, response: Response): Promise<Verdict<Caller>> {
    return this.#ask<Caller>(['jwt', 'api-key'], request, response)
  }

  /** Whose password it carries. Throws what says why it is nobody's. */
  async identity(request: LightflusRequest, response: Response): Promise<Identity> {
    const { found } = await this.#ask<Identity>(['local'], request, response)
    if (!found) throw new Error('the local strategy finds someone or throws')
    return found
  }

  #ask<T>(strategies: string[], request: LightflusRequest, response: Response): Promise<Verdict<T>> {
    return new Promise((resolve, reject) => {
      const decide = (error: unknown, found: T | false | undefined, info: unknown) => {
        if (error) reject(error as Error)
        else if (found) resolve({ found })
        else resolve({ found: undefined, objections: [info].flat() })
      }
      const middleware = this.#passport.authenticate(strategies, { session: false }, decide) as (
        request: LightflusRequest,
        response: Response,
        next: (error: unknown) => void,
      ) => void
      middleware(request, response, reject)
    })
  }
}
