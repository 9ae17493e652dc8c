import type { Key, LookupDeclaration } from '../definition.ts'
import type { Duration } from '../duration.ts'
import { duration, fitting, fn, optional, resolveOptions, whole } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { asyncRules, type AsyncOptions } from './map-async.ts'

export interface LookupOptions<T, R, Out> extends AsyncOptions {
  /** What is asked for. Null or undefined: nothing is, and nothing is found. */
  readonly key: (value: T) => Key | null | undefined
  /** What is made of the record and of what was found, null for nothing. Default `{ record, found }`. */
  readonly combine?: (value: T, found: R | null) => Out
  /** How long an answer is remembered, also that there is none. Default: 1 minute, 10,000 keys; false: not at all. */
  readonly cache?: false | { readonly ttl: Duration; readonly entriesMax?: number }
}

const cacheRules = { ttl: duration(1), entriesMax: optional(whole(1, 10_000_000), 10_000) }
const isCache = (value: unknown): value is false | object =>
  value === false || (typeof value === 'object' && value !== null)

export function addLookup(
  input: Upstream,
  source: LookupDeclaration<any>,
  given: LookupOptions<any, any, any>,
): Upstream {
  const resolved = resolveOptions('lookup', given, {
    ...asyncRules,
    key: fn<(value: any) => Key | null | undefined>(),
    combine: optional(fn<(value: any, found: any) => unknown>(), recordAndFound),
    cache: optional(fitting(isCache, 'false, or an object of ttl and entriesMax'), { ttl: 60_000 }),
  })
  const { name, onError, concurrency, ordered, timeout, retries, key, combine, cache } = resolved
  const remembered = cache === false ? null : resolveOptions('lookup: cache', cache, cacheRules)
  return append<'lookup'>([input], {
    kind: 'lookup',
    name,
    connector: source.connector,
    connection: source.connection,
    options: {
      ...source.options,
      onError,
      concurrency,
      ordered,
      timeoutMs: timeout,
      retries,
      cache: remembered && { ttlMs: remembered.ttl, entriesMax: remembered.entriesMax },
    },
    functions: { key, combine, ...(source.functions ? { connector: source.functions } : {}) },
  })
}

const recordAndFound = (record: unknown, found: unknown): unknown => ({ record, found })
