import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { jobGroups, jobOrders, type JobsSearch } from '../pages/jobs/presenter.ts'
import { choiceOf, textOf } from './search.ts'
import { signedInRoute } from './signed-in.ts'

export const jobsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/jobs',
  validateSearch: (search): JobsSearch => ({
    q: textOf(search, 'q'),
    show: choiceOf(search, 'show', jobGroups),
    sort: choiceOf(search, 'sort', jobOrders),
  }),
  component: lazyRouteComponent(() => import('../pages/jobs/jobs-page.tsx'), 'JobsPage'),
})
