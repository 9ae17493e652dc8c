import { createRootRouteWithContext } from '@tanstack/react-router'
import type { SessionStore } from '../session/session-store.ts'

export interface RouterContext {
  readonly session: SessionStore
}

export const rootRoute = createRootRouteWithContext<RouterContext>()()
