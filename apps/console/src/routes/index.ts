import { createRoute, redirect } from '@tanstack/react-router'
import { signedInRoute } from './signed-in.ts'

/** The console opens on the jobs. */
export const indexRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/jobs', replace: true })
  },
})
