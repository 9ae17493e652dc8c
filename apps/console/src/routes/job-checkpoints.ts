import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { jobRoute } from './job.ts'

export const jobCheckpointsRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/checkpoints',
  component: lazyRouteComponent(() => import('../pages/checkpoints/checkpoints-page.tsx'), 'CheckpointsPage'),
})
