import { createClient, type Client } from '@lightflus/contracts'
import type { SessionStore } from '../session/session-store.ts'

/** A fetch that renews the session and repeats the call once when its token was refused. */
export function createSessionFetch(session: SessionStore, fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (response.status !== 401 || !(await session.renew())) return response
    const headers = new Headers(init?.headers)
    headers.set('authorization', `Bearer ${await session.accessToken()}`)
    return await fetch(input, { ...init, headers })
  }
}

/** The client of the platform that serves this page, with the session's token. */
export function createApiClient(session: SessionStore): Client {
  return createClient({
    baseUrl: '',
    token: () => session.accessToken(),
    fetch: createSessionFetch(session, (input, init) => fetch(input, init)),
  })
}
