import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { jobRoute } from './job.ts'

export const jobVersionsRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/versions',
  component: lazyRouteComponent(() => import('../pages/versions/versions-page.tsx'), 'VersionsPage'),
})
