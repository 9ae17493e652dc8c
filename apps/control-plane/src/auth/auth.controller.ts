import { LightflusError } from '@lightflus/api'
import type { Principal, Session } from '@lightflus/contracts'
import { Controller, Inject, Req, Res } from '@nestjs/common'
import type { Response } from 'express'
import type { Config } from '../config/config.ts'
import { ApiInput, ApiRoute, type InputOf } from '../http/api-route.ts'
import { type Caller, CurrentCaller, type LightflusRequest } from '../http/caller.ts'
import { CONFIG } from '../platform/platform.module.ts'
import { AccessTokens } from './access-tokens.ts'
import { Authenticator } from './authenticator.ts'
import { isBrowser, refreshCookieOf, setRefreshCookie } from './refresh-cookie.ts'
import { type IssuedSession, Sessions } from './sessions.ts'

@Controller()
export class AuthController {
  readonly #sessions: Sessions
  readonly #accessTokens: AccessTokens
  readonly #authenticator: Authenticator
  readonly #secureCookie: boolean

  constructor(
    sessions: Sessions,
    accessTokens: AccessTokens,
    authenticator: Authenticator,
    @Inject(CONFIG) config: Config,
  ) {
    this.#sessions = sessions
    this.#accessTokens = accessTokens
    this.#authenticator = authenticator
    this.#secureCookie = !config.embedded
  }

  @ApiRoute('signIn')
  async signIn(@Req() request: LightflusRequest, @Res({ passthrough: true }) response: Response): Promise<Session> {
    const identity = await this.#authenticator.identity(request, response)
    const issued = await this.#sessions.start(identity, request.id)
    return this.#show(issued, request, response)
  }

  @ApiRoute('refreshSession')
  async refreshSession(
    @ApiInput() input: InputOf<'refreshSession'>,
    @Req() request: LightflusRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Session> {
    const refreshToken = input.body.refreshToken ?? refreshCookieOf(request)
    if (!refreshToken) throw new LightflusError('LF_SESSION_ENDED', 'There is no refresh token in body or cookie.')
    try {
      return this.#show(await this.#sessions.refresh(refreshToken), request, response)
    } catch (error) {
      if (isBrowser(request)) setRefreshCookie(response, null, this.#secureCookie)
      throw error
    }
  }

  @ApiRoute('signOut')
  async signOut(
    @ApiInput() input: InputOf<'signOut'>,
    @Req() request: LightflusRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const refreshToken = input.body.refreshToken ?? refreshCookieOf(request)
    if (refreshToken) await this.#sessions.end(refreshToken, request.id)
    setRefreshCookie(response, null, this.#secureCookie)
  }

  @ApiRoute('whoAmI')
  whoAmI(@CurrentCaller() caller: Caller): Principal {
    return {
      kind: caller.kind,
      email: caller.email,
      tenant: { id: caller.tenantId, name: caller.tenantName },
      role: caller.role,
    }
  }

  #show({ identity, refreshToken }: IssuedSession, request: LightflusRequest, response: Response): Session {
    const { accessToken, expiresAt } = this.#accessTokens.sign(identity)
    const asCookie = isBrowser(request)
    if (asCookie) setRefreshCookie(response, refreshToken, this.#secureCookie)
    return {
      accessToken,
      refreshToken: asCookie ? null : refreshToken,
      expiresAt: new Date(expiresAt).toISOString(),
      tenant: { id: identity.tenantId, name: identity.tenantName, role: identity.role },
      user: { id: identity.userId, email: identity.email },
    }
  }
}
