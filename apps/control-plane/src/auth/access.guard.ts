import { LightflusError } from '@lightflus/api'
import { roleAllows } from '@lightflus/contracts'
import { type ExecutionContext, Injectable } from '@nestjs/common'
import { AuthGuard } from '@nestjs/passport'
import { accessOf, routeOf } from '../http/api-route.ts'
import type { LightflusRequest } from '../http/caller.ts'
import { AuthenticateWorker } from '../workers/authenticate-worker.ts'
import { bearerToken } from './bearer-token.ts'

/**
 * Lets a request through to a handler whose access its credentials have. A handler that states no access is refused to
 * everyone, so a forgotten statement opens nothing.
 */
@Injectable()
export class AccessGuard extends AuthGuard(['jwt', 'api-key']) {
  readonly #authenticateWorker: AuthenticateWorker

  constructor(authenticateWorker: AuthenticateWorker) {
    super()
    this.#authenticateWorker = authenticateWorker
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = accessOf(context)
    if (access === 'public') return true
    const request = context.switchToHttp().getRequest<LightflusRequest>()
    if (access === undefined) throw new Error(`${request.method} ${request.path} states no access`)
    if (bearerToken(request) === undefined)
      throw new LightflusError('LF_UNAUTHENTICATED', 'This route needs a bearer token.')
    if (access === 'worker') {
      request.worker = await this.#authenticateWorker.execute(bearerToken(request) ?? '')
      return true
    }
    await super.canActivate(context)
    const caller = request.user
    if (caller && roleAllows(caller.role, access)) return true
    throw new LightflusError(
      'LF_FORBIDDEN',
      `${routeOf(context) ?? request.path} needs the role ${access}; yours is ${caller?.role}.`,
    )
  }

  /** Passport's verdict. `infos` holds what each strategy had to say against the credentials. */
  override handleRequest<T>(error: unknown, user: T | false, infos: unknown): T {
    if (error) throw error
    if (user) return user
    for (const info of Array.isArray(infos) ? infos : [infos])
      if (info instanceof Error && info.name === 'TokenExpiredError') {
        const { expiredAt } = info as Error & { expiredAt: Date }
        throw new LightflusError('LF_TOKEN_EXPIRED', `The access token expired at ${expiredAt.toISOString()}.`)
      }
    throw new LightflusError('LF_UNAUTHENTICATED', 'The bearer token is not one of this platform.')
  }
}
