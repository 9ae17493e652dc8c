import { setTimeout as pause } from 'node:timers/promises'
import type { Watch } from '@kubernetes/client-node'

export interface ResumingWatchOptions<T> {
  readonly newWatch: () => Watch
  /** Path of the list that is watched. */
  readonly path: string
  readonly labelSelector: string
  /** Version of the list now; what happened before it was not seen. */
  readonly listVersion: () => Promise<string>
  readonly onObject: (object: T) => void
  /** At the start and after a gap: something may have changed unseen. */
  readonly onGap: () => void
  /**
   * After how long the server ends one watch, seconds; default 25. Above 29 the client library ends it first, as a
   * failure, when nothing happens.
   */
  readonly watchSeconds?: number
}

const retryDelayMs = 250
const retryDelayMsMax = 30_000

interface Versioned {
  readonly metadata?: { readonly resourceVersion?: string }
}

/** How one watch ended: where the next one begins (null: unknown), and whether the server had accepted it at all. */
interface WatchEnd {
  readonly version: string | null
  readonly accepted: boolean
}

/**
 * A watch that goes on. Each single one ends, by its own time, a lost connection or silence, and is taken up where it
 * was; when the server has forgotten that place (410) it begins anew, and `onGap` says so. While nothing answers it
 * tries ever more slowly and says nothing: whoever else talks to the server learns of it anyway.
 */
export class ResumingWatch<T extends Versioned> {
  readonly #options: ResumingWatchOptions<T>
  readonly #closing = new AbortController()
  readonly #ended: Promise<void>

  constructor(options: ResumingWatchOptions<T>) {
    this.#options = options
    this.#ended = this.#run()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#ended
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    let version: string | null = null
    let failures = 0
    while (!signal.aborted) {
      const begun = performance.now()
      try {
        if (version === null) {
          version = await this.#options.listVersion()
          this.#options.onGap()
        }
        const before: string = version
        const end = await this.#watch(before)
        version = end.version
        // One that is cut off at once, again and again, is a failure too: going on without a pause would be a storm.
        const isProgress = end.accepted && (version !== before || performance.now() - begun > retryDelayMs)
        failures = isProgress && version !== null ? 0 : failures + 1
      } catch {
        failures += 1
      }
      if (failures > 0) await pause(delayMs(failures), undefined, { signal }).catch(() => undefined)
    }
  }

  async #watch(from: string): Promise<WatchEnd> {
    const { newWatch, path, labelSelector, onObject, watchSeconds = 25 } = this.#options
    const { signal } = this.#closing
    let version: string | null = from
    let accepted = true
    const query = {
      labelSelector,
      resourceVersion: from,
      allowWatchBookmarks: true,
      timeoutSeconds: watchSeconds,
    }
    const ended = Promise.withResolvers<void>()
    const onEvent = (type: string, object: T) => {
      if (type === 'ERROR') version = null
      else if (version !== null) version = object.metadata?.resourceVersion ?? version
      if (type !== 'ERROR' && type !== 'BOOKMARK') onObject(object)
    }
    const onEnd = (error: (Error & { readonly statusCode?: number }) | null) => {
      if (error?.statusCode !== undefined || isRefusal(error)) accepted = false
      if (error?.statusCode === 410) version = null
      ended.resolve()
    }
    const controller = await newWatch().watch(path, query, onEvent, onEnd)
    const abort = () => controller.abort()
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    try {
      await ended.promise
      return { version, accepted }
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }
}

function delayMs(failures: number): number {
  return Math.min(retryDelayMs * 2 ** (failures - 1), retryDelayMsMax)
}

/** The connection was not even made; that one which was ends some time is ordinary. */
function isRefusal(error: Error | null): boolean {
  return error?.name === 'TypeError' && error.message === 'fetch failed'
}
