import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { textOf } from './search.ts'
import { signedInRoute } from './signed-in.ts'

export const connectionsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/connections',
  validateSearch: (search): { q?: string } => ({ q: textOf(search, 'q') }),
  component: lazyRouteComponent(() => import('../pages/connections/connections-page.tsx'), 'ConnectionsPage'),
})
