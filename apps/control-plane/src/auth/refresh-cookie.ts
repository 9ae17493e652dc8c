import type { IncomingMessage } from 'node:http'
import type { Response } from 'express'
import { sessionMsMax } from './sessions.ts'

const cookieName = 'lightflus_refresh'

/**
 * Whether a browser's script made the request. Browsers send Origin with every POST, and no script can set or remove it;
 * their refresh token travels as a cookie that no script can read.
 */
export function isBrowser(request: Pick<IncomingMessage, 'headers'>): boolean {
  return request.headers.origin !== undefined
}

export function refreshCookieOf(request: Pick<IncomingMessage, 'headers'>): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === cookieName && value) return value
  }
  return undefined
}

/** Sets the cookie, or takes it away where the token is null. It is sent to the session routes alone. */
export function setRefreshCookie(response: Response, refreshToken: string | null, secure: boolean): void {
  const options = { httpOnly: true, sameSite: 'strict', secure, path: '/api/v1/auth' } as const
  if (refreshToken === null) response.clearCookie(cookieName, options)
  else response.cookie(cookieName, refreshToken, { ...options, maxAge: sessionMsMax })
}
