import type { Key } from '../definition.ts'
import { fn, oneOf, optional, resolveOptions, whole } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

export interface TopNOptions<T> extends OperatorOptions {
  /** What records are ordered by. Of equal ones the earlier stands first. */
  readonly by: (value: T) => number | string
  /** Default `'descending'`: the greatest first. */
  readonly order?: 'descending' | 'ascending'
}

export interface Ranked<T, K extends Key> {
  readonly key: K
  /** From 1. */
  readonly rank: number
  readonly value: T
}

export function addTopN(input: Upstream, n: number, given: TopNOptions<any>): Upstream {
  const { n: count } = resolveOptions('topN', { n }, { n: whole(1, 10_000) })
  const { name, onError, by, order } = resolveOptions('topN', given, {
    ...operatorRules,
    by: fn<(value: any) => number | string>(),
    order: optional(oneOf('descending', 'ascending'), 'descending' as const),
  })
  return append<'topN'>([input], { kind: 'topN', name, options: { onError, n: count, order }, functions: { by } })
}
