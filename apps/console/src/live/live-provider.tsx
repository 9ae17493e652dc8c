import { createContext, useContext, useEffect, useMemo, useSyncExternalStore, type ReactNode } from 'react'
import { useServices } from '../services.tsx'
import type { LiveState } from './live-state.ts'
import { createLiveStore, type LiveStore } from './live-store.ts'

const LiveContext = createContext<LiveStore | undefined>(undefined)

/** Keeps one live line to a job open for all that is shown of it. */
export function LiveProvider({ job, children }: { readonly job: string; readonly children: ReactNode }) {
  const { fetch, session } = useServices()
  const store = useMemo(
    () =>
      createLiveStore({
        job,
        fetch,
        token: () => session.accessToken(),
        now: () => Date.now(),
        random: () => Math.random(),
      }),
    [job, fetch, session],
  )
  useEffect(() => store.start(), [store])
  return <LiveContext value={store}>{children}</LiveContext>
}

export function useLiveStore(): LiveStore {
  const store = useContext(LiveContext)
  if (!store) throw new Error('useLiveStore outside of LiveProvider')
  return store
}

/** A part of what is known live; the component is painted anew only when that part changes. */
export function useLive<T>(select: (state: LiveState) => T): T {
  const store = useLiveStore()
  return useSyncExternalStore(store.subscribe, () => select(store.getSnapshot()))
}
