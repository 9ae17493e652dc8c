import { createRoute, redirect } from '@tanstack/react-router'
import { SignInPage } from '../pages/sign-in/sign-in-page.tsx'
import { rootRoute } from './root.ts'
import { textOf } from './search.ts'

/** Only paths of the console: a link must not lead somebody who signs in to another site. */
export const safeReturn = (target: string | undefined): string =>
  target && /^\/(?![/\\])/.test(target) ? target : '/jobs'

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search): { returnTo?: string } => ({ returnTo: textOf(search, 'returnTo') }),
  beforeLoad: async ({ context: { session }, search }) => {
    const state = session.getSnapshot()
    const known = state.status === 'restoring' ? await session.restore() : state
    if (known.status === 'signed-in') throw redirect({ href: safeReturn(search.returnTo), replace: true })
  },
  component: SignInPage,
})
