import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { jobRoute } from './job.ts'

export const jobEventsRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/events',
  component: lazyRouteComponent(() => import('../pages/events/events-page.tsx'), 'EventsPage'),
})
