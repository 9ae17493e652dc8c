import { createRouter } from '@tanstack/react-router'
import { PageLoading } from './shell/page-loading.tsx'
import { PageFault } from './shell/page-fault.tsx'
import { apiKeysRoute } from './routes/api-keys.ts'
import { connectionsRoute } from './routes/connections.ts'
import { indexRoute } from './routes/index.ts'
import { jobCheckpointsRoute } from './routes/job-checkpoints.ts'
import { jobEventsRoute } from './routes/job-events.ts'
import { jobLogsRoute } from './routes/job-logs.ts'
import { jobOverviewRoute } from './routes/job-overview.ts'
import { jobResultsRoute } from './routes/job-results.ts'
import { jobSettingsRoute } from './routes/job-settings.ts'
import { jobVersionRoute } from './routes/job-version.ts'
import { jobVersionsRoute } from './routes/job-versions.ts'
import { jobRoute } from './routes/job.ts'
import { jobsRoute } from './routes/jobs.ts'
import { NotFoundPage } from './pages/not-found/not-found-page.tsx'
import { notFoundRoute } from './routes/not-found.ts'
import { rootRoute, type RouterContext } from './routes/root.ts'
import { signInRoute } from './routes/sign-in.ts'
import { signedInRoute } from './routes/signed-in.ts'
import { usageRoute } from './routes/usage.ts'

const routeTree = rootRoute.addChildren([
  signInRoute,
  signedInRoute.addChildren([
    indexRoute,
    jobsRoute,
    jobRoute.addChildren([
      jobOverviewRoute,
      jobResultsRoute,
      jobLogsRoute,
      jobEventsRoute,
      jobCheckpointsRoute,
      jobVersionsRoute,
      jobVersionRoute,
      jobSettingsRoute,
    ]),
    connectionsRoute,
    usageRoute,
    apiKeysRoute,
    notFoundRoute,
  ]),
])

export function createConsoleRouter(context: RouterContext) {
  return createRouter({
    routeTree,
    context,
    defaultPreload: 'intent',
    defaultPendingComponent: PageLoading,
    defaultErrorComponent: PageFault,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}
