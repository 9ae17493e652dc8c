import { Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import type { Request } from 'express'
import { Strategy } from 'passport-custom'
import { AuthenticateApiKey } from '../../api-keys/authenticate-api-key.ts'
import { tokenPrefixes } from '../../crypto/tokens.ts'
import type { Caller } from '../../http/caller.ts'
import { bearerToken } from '../bearer-token.ts'

/** An API key, as bearer token. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(Strategy, 'api-key') {
  readonly #authenticate: AuthenticateApiKey

  constructor(authenticate: AuthenticateApiKey) {
    super()
    this.#authenticate = authenticate
  }

  async validate(request: Request): Promise<Caller | false> {
    const token = bearerToken(request)
    if (!token?.startsWith(tokenPrefixes.apiKey)) return false
    return (await this.#authenticate.execute(token)) ?? false
  }
}
