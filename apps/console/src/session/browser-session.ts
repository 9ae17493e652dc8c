import { createClient } from '@lightflus/contracts'
import { createSessionStore, type SessionStore } from './session-store.ts'

const name = 'lightflus-session'

/** The session store on the browser's own clock, timers, locks and tabs. */
export function createBrowserSession(): SessionStore {
  const tabs = new BroadcastChannel(name)
  const store = createSessionStore({
    client: createClient({ baseUrl: '' }),
    now: () => Date.now(),
    schedule: (task, delayMs) => {
      const timer = setTimeout(task, delayMs)
      return () => clearTimeout(timer)
    },
    // Locks exist on https and localhost only; elsewhere two tabs may, rarely, sign each other out.
    exclusive: async (task) => (navigator.locks ? await navigator.locks.request(name, task) : await task()),
    announceSignOut: () => tabs.postMessage('signed-out'),
  })
  tabs.addEventListener('message', () => store.dropped())
  return store
}
