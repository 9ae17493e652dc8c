import type { Duration } from '../duration.ts'
import { duration, flag, fn, optional, resolveOptions, whole } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, requireFunction, type OperatorOptions } from './operator-options.ts'

export interface AsyncContext {
  /** Aborted when the call has timed out or the job ends. */
  readonly signal: AbortSignal
}

export interface AsyncOptions extends OperatorOptions {
  /** Calls under way at once, per subtask. Default 100. */
  readonly concurrency?: number
  /** Whether results keep the order of their records. Default true; without it a slow call holds back only itself. */
  readonly ordered?: boolean
  /** After how long a call counts as failed. Default 30 s. */
  readonly timeout?: Duration
  /** How often a failed call is tried again, with growing pauses from 100 ms to 10 s. Default 3. */
  readonly retries?: number
}

export interface MapAsyncOptions<T> extends AsyncOptions {
  /** Remembers results by key, so that one key is asked for once. Default: nothing is remembered. */
  readonly cache?: { readonly key: (value: T) => string | number; readonly ttl: Duration; readonly entriesMax?: number }
}

export const asyncRules = {
  ...operatorRules,
  concurrency: optional(whole(1, 10_000), 100),
  ordered: optional(flag(), true),
  timeout: optional(duration(1), 30_000),
  retries: optional(whole(0, 100), 3),
}

export function addMapAsync(
  input: Upstream,
  call: (value: any, context: AsyncContext) => Promise<unknown>,
  given: MapAsyncOptions<any> | undefined,
): Upstream {
  requireFunction('mapAsync', call)
  const { cache, ...rest } = given ?? {}
  const { name, onError, concurrency, ordered, timeout, retries } = resolveOptions('mapAsync', rest, asyncRules)
  const remembered = cache && resolveOptions('mapAsync: cache', cache, cacheRules)
  return append<'mapAsync'>([input], {
    kind: 'mapAsync',
    name,
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

export const cacheRules = {
  key: fn<(value: any) => string | number>(),
  ttl: duration(1),
  entriesMax: optional(whole(1, 10_000_000), 10_000),
}
