import { createRoute, redirect } from '@tanstack/react-router'
import { Shell } from '../shell/shell.tsx'
import { rootRoute } from './root.ts'

/** All pages but sign-in: they wait until it is known who is there. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  beforeLoad: async ({ context: { session }, location }) => {
    const state = session.getSnapshot()
    const known = state.status === 'restoring' || state.status === 'unreachable' ? await session.restore() : state
    if (known.status === 'unreachable') throw known.error
    if (known.status !== 'signed-in')
      throw redirect({ to: '/sign-in', search: { returnTo: location.href }, replace: true })
  },
  component: Shell,
})
