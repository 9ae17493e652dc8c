import type { Key } from '../definition.ts'
import { fn, oneOf, optional, resolveOptions, whole } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

/** What records are ordered by. Of several values the second decides where the first ones are equal, and so on. */
export type RankedBy = number | string | readonly (number | string)[]

export interface TopNOptions<T> extends OperatorOptions {
  /**
   * What records are ordered by, in a pure function: numbers by size, before text by its UTF-16 code units; several values
   * in an array, where a negated number turns its order around. Of equal ones the earlier stands first.
   * @example bids.topN(3, { by: (bid) => [bid.price, -bid.time] })
   */
  readonly by: (value: T) => RankedBy
  /** Default `'descending'`: the greatest first. */
  readonly order?: 'descending' | 'ascending'
}

export interface Ranked<T, K extends Key> {
  readonly key: K
  /** From 1. */
  readonly rank: number
  readonly value: T
}

/** @param of what the input is: over records only `n` of each key are kept. */
export function addTopN(
  input: Upstream,
  n: number,
  given: TopNOptions<any>,
  of: 'records' | 'changelog' = 'records',
): Upstream {
  const { n: count } = resolveOptions('topN', { n }, { n: whole(1, 10_000) })
  const { name, formerly, onError, by, order } = resolveOptions('topN', given, {
    ...operatorRules,
    by: fn<(value: any) => RankedBy>(),
    order: optional(oneOf('descending', 'ascending'), 'descending' as const),
  })
  const options = { onError, n: count, order, input: of }
  return append<'topN'>([input], { kind: 'topN', name, formerly, options, functions: { by } })
}
