import { createRoute } from '@tanstack/react-router'
import { NotFoundPage } from '../pages/not-found/not-found-page.tsx'
import { signedInRoute } from './signed-in.ts'

/** Every address that no other page has. */
export const notFoundRoute = createRoute({ getParentRoute: () => signedInRoute, path: '$', component: NotFoundPage })
