import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { ResultsSearch } from '../pages/results/presenter.ts'
import { jobRoute } from './job.ts'
import { textOf } from './search.ts'

export const jobResultsRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/results',
  validateSearch: (search): ResultsSearch => ({
    sink: textOf(search, 'sink'),
    q: textOf(search, 'q'),
    sort: textOf(search, 'sort'),
  }),
  component: lazyRouteComponent(() => import('../pages/results/results-page.tsx'), 'ResultsPage'),
})
