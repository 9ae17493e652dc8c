import type { Duration } from '../duration.ts'
import { duration, fn, oneOf, optional, resolveOptions } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { pair, type Combine, type JoinKind } from './join-kinds.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

export interface JoinOptions<L, R, Kind extends JoinKind, Out> extends OperatorOptions {
  /** Default `'inner'`. */
  readonly kind?: Kind
  /** What is made of a pair. Default `{ left, right }`. */
  readonly combine?: Combine<L, R, Kind, Out>
  /** How long a row is remembered after it came, by the worker's clock. Default: for ever, so give one unless rows are few. */
  readonly ttl?: Duration
}

export const joinRules = {
  ...operatorRules,
  kind: optional(oneOf('inner', 'left', 'right', 'full'), 'inner' as const),
  combine: optional(fn<(left: any, right: any) => unknown>(), pair),
}

export function addJoin(left: Upstream, right: Upstream, given: JoinOptions<any, any, any, any> | undefined): Upstream {
  const resolved = resolveOptions('join', given, { ...joinRules, ttl: optional(duration(1), null) })
  const { name, onError, kind, combine, ttl } = resolved
  const options = { onError, kind, ttlMs: ttl }
  return append<'join'>([left, right], { kind: 'join', name, options, functions: { combine } })
}
