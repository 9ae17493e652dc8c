import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { logLevels, type LogsSearch } from '../pages/logs/presenter.ts'
import { jobRoute } from './job.ts'
import { choiceOf, textOf } from './search.ts'

export const jobLogsRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/logs',
  validateSearch: (search): LogsSearch => ({ level: choiceOf(search, 'level', logLevels), q: textOf(search, 'q') }),
  component: lazyRouteComponent(() => import('../pages/logs/logs-page.tsx'), 'LogsPage'),
})
