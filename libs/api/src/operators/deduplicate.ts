import type { Duration } from '../duration.ts'
import { duration, oneOf, optional, resolveOptions } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

export interface DeduplicateOptions extends OperatorOptions {
  /** `'first'` (default): the first record of each key goes on, the others do not. `'last'`: each one replaces the one before. */
  readonly keep?: 'first' | 'last'
  /**
   * How long a key is remembered, by the worker's clock: after its first record, or after its last one where that is kept.
   * Then its next record is a first one again, and the row of the last stays. Default: for ever, so give one unless keys
   * are few. Bounded jobs forget nothing.
   */
  readonly ttl?: Duration
}

export function addDeduplicate(input: Upstream, given: DeduplicateOptions): Upstream {
  const { name, formerly, onError, keep, ttl } = resolveOptions('deduplicate', given, {
    ...operatorRules,
    keep: optional(oneOf('first', 'last'), 'first' as const),
    ttl: optional(duration(1), null),
  })
  const options = { onError, keep, ttlMs: ttl }
  return append<'deduplicate'>([input], { kind: 'deduplicate', name, formerly, options, functions: {} })
}
