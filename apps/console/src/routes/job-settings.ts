import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { jobRoute } from './job.ts'

export const jobSettingsRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('../pages/settings/settings-page.tsx'), 'SettingsPage'),
})
