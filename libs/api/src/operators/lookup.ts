import type { Key, LookupDeclaration } from '../definition.ts'
import type { Duration } from '../duration.ts'
import { fitting, fn, optional, resolveOptions } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { cacheBounds } from './map-async.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

export interface LookupOptions<T, R, Out> extends OperatorOptions {
  /** What is asked for. Null or undefined: nothing is asked, and nothing is found. */
  readonly key: (value: T) => Key | null | undefined
  /** What is made of the record and of what was found, null for nothing. Default `{ record, found }`. */
  readonly combine?: (value: T, found: R | null) => Out
  /** Answers that are remembered, also that there is none; false: none are. Default `{ ttl: '1m' }`. */
  readonly cache?: false | LookupCache
}

export interface LookupCache {
  /** How long an answer counts: so old may what is found be at most. */
  readonly ttl: Duration
  /** Answers remembered by each subtask; the one that was not used for longest makes room. Default 10,000. */
  readonly entriesMax?: number
}

const isCache = (value: unknown): value is false | object =>
  value === false || (typeof value === 'object' && value !== null)

export function addLookup(
  input: Upstream,
  source: LookupDeclaration<any>,
  given: LookupOptions<any, any, any>,
): Upstream {
  const { name, formerly, onError, key, combine, cache } = resolveOptions('lookup', given, {
    ...operatorRules,
    key: fn<(value: any) => Key | null | undefined>(),
    combine: optional(fn<(value: any, found: any) => unknown>(), recordAndFound),
    cache: optional(fitting(isCache, 'false, or an object of ttl and entriesMax'), { ttl: 60_000 }),
  })
  const remembered = cache === false ? null : resolveOptions('lookup: cache', cache, cacheBounds)
  return append<'lookup'>([input], {
    kind: 'lookup',
    name,
    formerly,
    connector: source.connector,
    connection: source.connection,
    options: {
      ...source.options,
      onError,
      cache: remembered && { ttlMs: remembered.ttl, entriesMax: remembered.entriesMax },
    },
    functions: { ...source.functions, key, combine },
  })
}

const recordAndFound = (record: unknown, found: unknown): unknown => ({ record, found })
