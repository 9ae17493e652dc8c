import type { Duration } from '../duration.ts'
import { duration, flag, fn, optional, resolveOptions, whole } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, requireFunction, type OperatorOptions } from './operator-options.ts'

export interface AsyncContext {
  /** Aborted when the call has timed out or the job ends: hand it on, so that what is under way ends too. */
  readonly signal: AbortSignal
}

export interface MapAsyncOptions<T> extends OperatorOptions {
  /** Calls under way at once, per subtask, 1 to 10,000. Default 100. Raise for throughput, lower to spare who is asked. */
  readonly concurrency?: number
  /** Whether results keep the order of their records. Default true; without it a slow call holds back only itself. */
  readonly ordered?: boolean
  /** After how long one try counts as failed. Default 30 s. */
  readonly timeout?: Duration
  /** How often a failed call is tried again, with pauses that double from 100 ms to 10 s; 0 to 100. Default 3. */
  readonly retries?: number
  /** Remembers results by key, so that a key is asked for once. Default: nothing is remembered. */
  readonly cache?: AsyncCache<T>
}

export interface AsyncCache<T> {
  readonly key: (value: T) => string | number
  /** How long a result is remembered. */
  readonly ttl: Duration
  /** Results remembered by each subtask; the one that was not used for longest makes room. Default 10,000. */
  readonly entriesMax?: number
}

const rules = {
  ...operatorRules,
  concurrency: optional(whole(1, 10_000), 100),
  ordered: optional(flag(), true),
  timeout: optional(duration(1), 30_000),
  retries: optional(whole(0, 100), 3),
}

/** What bounds a cache. */
export const cacheBounds = { ttl: duration(1), entriesMax: optional(whole(1, 10_000_000), 10_000) }

const cacheRules = { ...cacheBounds, key: fn<(value: any) => string | number>() }

export function addMapAsync(
  input: Upstream,
  call: (value: any, context: AsyncContext) => Promise<unknown>,
  given: MapAsyncOptions<any> | undefined,
): Upstream {
  requireFunction('mapAsync', call)
  const { cache, ...rest } = given ?? {}
  const { name, formerly, onError, concurrency, ordered, timeout, retries } = resolveOptions('mapAsync', rest, rules)
  const remembered = cache && resolveOptions('mapAsync: cache', cache, cacheRules)
  return append<'mapAsync'>([input], {
    kind: 'mapAsync',
    name,
    formerly,
    options: {
      onError,
      concurrency,
      ordered,
      timeoutMs: timeout,
      retries,
      cache: remembered ? { ttlMs: remembered.ttl, entriesMax: remembered.entriesMax } : null,
    },
    functions: { fn: call, ...(remembered ? { cacheKey: remembered.key } : {}) },
  })
}
