import { LightflusError } from '@lightflus/api'
import { roleAllows } from '@lightflus/contracts'
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common'
import type { Response } from 'express'
import { accessOf, routeOf } from '../http/api-route.ts'
import type { Caller, LightflusRequest } from '../http/caller.ts'
import { Authenticator } from './authenticator.ts'
import { bearerToken } from './bearer-token.ts'

/**
 * Lets a request through to a handler whose access its credentials have. A handler that states no access is refused to
 * everyone, so a forgotten statement opens nothing.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #authenticator: Authenticator

  constructor(authenticator: Authenticator) {
    this.#authenticator = authenticator
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = accessOf(context)
    if (access === 'public') return true
    const http = context.switchToHttp()
    const request = http.getRequest<LightflusRequest>()
    if (access === undefined) throw new Error(`${request.method} ${request.path} states no access`)
    // Workers are known before their requests are parsed.
    if (access === 'worker') return request.worker !== undefined
    if (bearerToken(request) === undefined)
      throw new LightflusError('LF_UNAUTHENTICATED', 'This route needs a bearer token.')
    const caller = await this.#caller(request, http.getResponse<Response>())
    if (!roleAllows(caller.role, access))
      throw new LightflusError(
        'LF_FORBIDDEN',
        `${routeOf(context) ?? request.path} needs the role ${access}; yours is ${caller.role}.`,
      )
    request.user = caller
    return true
  }

  /** @throws LF_TOKEN_EXPIRED, LF_UNAUTHENTICATED */
  async #caller(request: LightflusRequest, response: Response): Promise<Caller> {
    const verdict = await this.#authenticator.caller(request, response)
    if (verdict.found) return verdict.found
    for (const objection of verdict.objections)
      if (objection instanceof Error && objection.name === 'TokenExpiredError') {
        const { expiredAt } = objection as Error & { expiredAt: Date }
        throw new LightflusError('LF_TOKEN_EXPIRED', `The access token expired at ${expiredAt.toISOString()}.`)
      }
    throw new LightflusError('LF_UNAUTHENTICATED', 'The bearer token is not one of this platform.')
  }
}
