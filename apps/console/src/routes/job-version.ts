import { createRoute, lazyRouteComponent, notFound } from '@tanstack/react-router'
import { jobRoute } from './job.ts'
import { numberOf } from './search.ts'

export const jobVersionRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/versions/$version',
  params: {
    parse: ({ version }) => {
      const number = numberOf({ version }, 'version')
      if (number === undefined) throw notFound()
      return { version: number }
    },
    stringify: ({ version }) => ({ version: String(version) }),
  },
  validateSearch: (search): { line?: number } => ({ line: numberOf(search, 'line') }),
  component: lazyRouteComponent(() => import('../pages/versions/version-page.tsx'), 'VersionPage'),
})
