import type { Duration } from '../duration.ts'
import { duration, optional, resolveOptions } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, requireFunction, type OperatorOptions } from './operator-options.ts'

/** What a record is compared by, where that is not the whole record. */
export type ComparedBy = string | number | boolean | null

export interface DistinctUntilChangedOptions extends OperatorOptions {
  /**
   * How long what repeats is held back, by the worker's clock: from the last record of the key that passed. Then the key
   * is forgotten, and its next record passes, whatever it says. Default: for ever, so give one unless keys are few.
   * Bounded jobs forget nothing.
   */
  readonly ttl?: Duration
}

/** @param by what is compared; undefined: the whole record. */
export function addDistinctUntilChanged(
  input: Upstream,
  by: ((value: any) => ComparedBy) | undefined,
  given: DistinctUntilChangedOptions | undefined,
): Upstream {
  const kind = 'distinctUntilChanged'
  if (by !== undefined) requireFunction(kind, by)
  const { name, formerly, onError, ttl } = resolveOptions(kind, given, {
    ...operatorRules,
    ttl: optional(duration(1), null),
  })
  const options = { onError, ttlMs: ttl }
  return append<typeof kind>([input], { kind, name, formerly, options, functions: { ...(by && { by }) } })
}
