import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedInRoute } from './signed-in.ts'

/** The frame of a job's page; its children are the tabs. */
export const jobRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/jobs/$name',
  component: lazyRouteComponent(() => import('../pages/job/job-layout.tsx'), 'JobLayout'),
})
