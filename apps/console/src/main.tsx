import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './theme/tokens.css'
import './theme/base.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createApiClient, createSessionFetch } from './api/api-client.ts'
import { createQueries, createQueryClient } from './api/queries.ts'
import { createConsoleRouter } from './router.tsx'
import { ServicesProvider } from './services.tsx'
import { createBrowserSession } from './session/browser-session.ts'
import { colorSchemeManager } from './theme/color-scheme.ts'
import { theme } from './theme/theme.ts'

const session = createBrowserSession()
const queryClient = createQueryClient()
const client = createApiClient(session)
const services = {
  session,
  client,
  queries: createQueries(client),
  fetch: createSessionFetch(session, (input, init) => fetch(input, init)),
}
const router = createConsoleRouter({ session })

// Signing out, here or in another tab, leaves nothing of the tenant's in memory and brings the sign-in page.
let status = session.getSnapshot().status
session.subscribe(() => {
  if (session.getSnapshot().status === status) return
  status = session.getSnapshot().status
  if (status === 'signed-out') queryClient.clear()
  void router.invalidate()
})

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemeManager(() => localStorage)}
    >
      <Notifications position="bottom-right" limit={3} />
      <ServicesProvider services={services}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </ServicesProvider>
    </MantineProvider>
  </StrictMode>,
)
