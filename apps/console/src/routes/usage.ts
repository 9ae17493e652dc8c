import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { usageMeasures, usageSpans, type UsageSearch } from '../pages/usage/presenter.ts'
import { choiceOf, textOf } from './search.ts'
import { signedInRoute } from './signed-in.ts'

export const usageRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/usage',
  validateSearch: (search): UsageSearch => ({
    span: choiceOf(search, 'span', usageSpans),
    measure: choiceOf(search, 'measure', usageMeasures),
    job: textOf(search, 'job'),
  }),
  component: lazyRouteComponent(() => import('../pages/usage/usage-page.tsx'), 'UsagePage'),
})
