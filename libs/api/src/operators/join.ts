import type { Duration } from '../duration.ts'
import { duration, fn, oneOf, optional, resolveOptions } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { pair, type Combine, type JoinKind } from './join-kinds.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

export interface JoinOptions<L, R, Kind extends JoinKind, Out> extends OperatorOptions {
  /** Default `'inner'`. */
  readonly kind?: Kind
  /** What is made of a pair, by a pure function: what is taken back has to become what came. Default `{ left, right }`. */
  readonly combine?: Combine<L, R, Kind, Out>
  /**
   * How long a row is remembered after it came, by the worker's clock: after that it finds no partners, and results that
   * it is in stay. Default: for ever, so give one unless rows are few or taken back. Bounded jobs forget nothing.
   */
  readonly ttl?: Duration
}

export const joinRules = {
  ...operatorRules,
  kind: optional(oneOf('inner', 'left', 'right', 'full'), 'inner' as const),
  combine: optional(fn<(left: any, right: any) => unknown>(), pair),
}

/** What an operator stands over: records that stay, or rows that may be taken back. */
export type InputKind = 'records' | 'changelog'

/** Of either kind of keyed stream. */
export function inputKindOf(stream: object): InputKind {
  return '~changelog' in stream ? 'changelog' : 'records'
}

/** @param inputs what left and right are. */
export function addJoin(
  left: Upstream,
  right: Upstream,
  given: JoinOptions<any, any, any, any> | undefined,
  inputs: readonly [InputKind, InputKind],
): Upstream {
  const resolved = resolveOptions('join', given, { ...joinRules, ttl: optional(duration(1), null) })
  const { name, formerly, onError, kind, combine, ttl } = resolved
  const options = { onError, kind, ttlMs: ttl, inputs }
  return append<'join'>([left, right], { kind: 'join', name, formerly, options, functions: { combine } })
}
