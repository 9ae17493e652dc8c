import { createRoute, redirect } from '@tanstack/react-router'
import { SignInPage } from '../pages/sign-in/sign-in-page.tsx'
import { rootRoute } from './root.ts'
import { returnPathOf, textOf } from './search.ts'

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search): { returnTo?: string } => ({ returnTo: textOf(search, 'returnTo') }),
  beforeLoad: async ({ context: { session }, search }) => {
    const state = session.getSnapshot()
    const known = state.status === 'restoring' ? await session.restore() : state
    if (known.status === 'signed-in') throw redirect({ href: returnPathOf(search.returnTo), replace: true })
  },
  component: SignInPage,
})
