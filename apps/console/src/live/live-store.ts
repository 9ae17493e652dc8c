import type { LiveEvent } from '@lightflus/contracts'
import { runLiveConnection, type LiveConnectionOptions } from './live-connection.ts'
import { applyLiveEvent, initialLiveState, type LiveState } from './live-state.ts'

export interface LiveStore {
  readonly getSnapshot: () => LiveState
  readonly subscribe: (listener: () => void) => () => void
  /** Opens the line; the answer closes it. What was seen stays. */
  readonly start: () => () => void
  /** Ends the wait before the next try. */
  readonly retryNow: () => void
}

export type LiveStoreOptions = Omit<LiveConnectionOptions, 'onEvents' | 'onLink' | 'signal' | 'wait'>

/** What is known live of one job, for as long as its page is open. */
export function createLiveStore(options: LiveStoreOptions): LiveStore {
  const listeners = new Set<() => void>()
  const wakers = new Set<() => void>()
  let state = initialLiveState
  const become = (next: LiveState): void => {
    state = next
    for (const listener of listeners) listener()
  }
  const retryNow = (): void => {
    for (const wake of wakers) wake()
  }
  const wait = (delayMs: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        wakers.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, delayMs)
      wakers.add(done)
      signal.addEventListener('abort', done)
    })

  return {
    getSnapshot: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    retryNow,
    start: () => {
      const end = new AbortController()
      addEventListener('online', retryNow)
      void runLiveConnection({
        ...options,
        wait,
        signal: end.signal,
        onEvents: (events: readonly LiveEvent[]) => become(events.reduce(applyLiveEvent, state)),
        onLink: (link) => become({ ...state, link, connections: state.connections + (link.phase === 'open' ? 1 : 0) }),
      })
      return () => {
        removeEventListener('online', retryNow)
        end.abort()
      }
    },
  }
}
