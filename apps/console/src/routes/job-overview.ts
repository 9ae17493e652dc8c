import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { jobRoute } from './job.ts'
import { textOf } from './search.ts'

export const jobOverviewRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/',
  validateSearch: (search): { operator?: string } => ({ operator: textOf(search, 'operator') }),
  component: lazyRouteComponent(() => import('../pages/job/overview-page.tsx'), 'OverviewPage'),
})
