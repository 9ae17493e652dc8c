import type { Client, Role, RouteName } from '@lightflus/contracts'
import { roleAllows, routes } from '@lightflus/contracts'
import { createContext, useContext, useSyncExternalStore, type ReactNode } from 'react'
import type { Queries } from './api/queries.ts'
import type { SessionState, SessionStore } from './session/session-store.ts'

/** What pages are given from outside: made once, in main.tsx. */
export interface Services {
  readonly session: SessionStore
  readonly client: Client
  readonly queries: Queries
  /** With the session, for what is not in the routes' table. */
  readonly fetch: typeof globalThis.fetch
}

const ServicesContext = createContext<Services | undefined>(undefined)

export function ServicesProvider({
  services,
  children,
}: {
  readonly services: Services
  readonly children: ReactNode
}) {
  return <ServicesContext value={services}>{children}</ServicesContext>
}

export function useServices(): Services {
  const services = useContext(ServicesContext)
  if (!services) throw new Error('useServices outside of ServicesProvider')
  return services
}

export function useSession(): SessionState {
  const { session } = useServices()
  return useSyncExternalStore(session.subscribe, session.getSnapshot)
}

/** Whether a role may call a route: what it may not is not offered. */
const mayCall = (role: Role, route: RouteName): boolean => {
  const { access } = routes[route]
  return access === 'public' || roleAllows(role, access)
}

/** Whether the one who is signed in may call a route. */
export function useMay(): (route: RouteName) => boolean {
  const state = useSession()
  return (route) => state.status === 'signed-in' && mayCall(state.session.tenant.role, route)
}
