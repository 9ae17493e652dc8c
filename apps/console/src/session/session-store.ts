import { isLightflusError, type LightflusError } from '@lightflus/api'
import type { Client, RouteInput, Session } from '@lightflus/contracts'

export type Credentials = RouteInput<'signIn'>['body']

export type SessionState =
  /** The page has just loaded; whether the cookie still holds a session is being asked. */
  | { readonly status: 'restoring' }
  | { readonly status: 'signed-out' }
  /** Nothing answered, so nothing is known; the person may try again. */
  | { readonly status: 'unreachable'; readonly error: LightflusError }
  | { readonly status: 'signed-in'; readonly session: Session }

export interface SessionStoreOptions {
  /** Calls without a token of their own. */
  readonly client: Pick<Client, 'signIn' | 'refreshSession' | 'signOut'>
  readonly now: () => number
  /** Runs `task` after `delayMs`; the answer takes it back. */
  readonly schedule: (task: () => void, delayMs: number) => () => void
  /**
   * Runs `task` while no other tab of this browser runs one. A refresh token works once: two tabs that use the cookie's
   * at the same time would look like theft, and both be signed out.
   */
  readonly exclusive: <T>(task: () => Promise<T>) => Promise<T>
  /** Tells the other tabs that this browser is signed out. */
  readonly announceSignOut: () => void
}

export interface SessionStore {
  readonly getSnapshot: () => SessionState
  readonly subscribe: (listener: () => void) => () => void
  /** Asks with the cookie for a session; called once at load, and again by "try again". */
  readonly restore: () => Promise<SessionState>
  readonly signIn: (credentials: Credentials) => Promise<void>
  readonly signOut: () => Promise<void>
  /** Another tab signed out. */
  readonly dropped: () => void
  /** The token for a call, renewed first when it is about to expire; undefined when signed out. */
  readonly accessToken: () => Promise<string | undefined>
  /** A call was refused: tries for a new token, and says whether there is one. */
  readonly renew: () => Promise<boolean>
}

/** A token is renewed this long before it expires, or halfway for one that lives shorter than twice that. */
const renewAheadMs = 60_000
const usableMs = 5_000

/** The session of this tab: the access token lives here, in memory alone; the refresh token is a cookie no script sees. */
export function createSessionStore(options: SessionStoreOptions): SessionStore {
  const listeners = new Set<() => void>()
  let state: SessionState = { status: 'restoring' }
  let renewing: Promise<SessionState> | undefined
  let cancelRenewal = (): void => {}

  const become = (next: SessionState): SessionState => {
    state = next
    for (const listener of listeners) listener()
    return next
  }
  const accept = (session: Session): SessionState => {
    const lifeMs = Date.parse(session.expiresAt) - options.now()
    cancelRenewal()
    cancelRenewal = options.schedule(() => void refresh(), Math.max(lifeMs / 2, lifeMs - renewAheadMs))
    return become({ status: 'signed-in', session })
  }
  const drop = (): SessionState => {
    cancelRenewal()
    return become({ status: 'signed-out' })
  }
  const request = async (): Promise<SessionState> => {
    try {
      return accept(await options.exclusive(() => options.client.refreshSession({ body: {} })))
    } catch (error) {
      if (isLightflusError(error) && isRefusal(error)) return drop()
      // The platform may be away for a moment: a session that is still good stays, and the next call asks again.
      if (state.status === 'signed-in' || !isLightflusError(error)) return state
      return become({ status: 'unreachable', error })
    }
  }
  const refresh = (): Promise<SessionState> => (renewing ??= request().finally(() => (renewing = undefined)))
  const current = (): Session | undefined => (state.status === 'signed-in' ? state.session : undefined)

  return {
    getSnapshot: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    restore: refresh,
    signIn: async (credentials) => {
      accept(await options.client.signIn({ body: credentials }))
    },
    signOut: async () => {
      try {
        await options.client.signOut({ body: {} })
      } finally {
        drop()
        options.announceSignOut()
      }
    },
    dropped: () => void drop(),
    accessToken: async () => {
      const session = current()
      if (!session) return undefined
      if (Date.parse(session.expiresAt) - options.now() < usableMs) await refresh()
      return current()?.accessToken
    },
    renew: async () => {
      const before = current()?.accessToken
      if (before === undefined) return false
      await refresh()
      const after = current()?.accessToken
      return after !== undefined && after !== before
    },
  }
}

/** The API answered and said no, as against an API that did not answer. */
function isRefusal(error: LightflusError): boolean {
  const status = error.details.status
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 429
}
