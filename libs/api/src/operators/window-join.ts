import { resolveOptions } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { windowerOptions, type Windower } from '../windows/windower.ts'
import type { Combine, JoinKind } from './join-kinds.ts'
import { joinRules } from './join.ts'
import type { OperatorOptions } from './operator-options.ts'

export interface WindowJoinOptions<L, R, Kind extends JoinKind, Out> extends OperatorOptions {
  /** Default `'inner'`. */
  readonly kind?: Kind
  /** What is made of a pair. Default `{ left, right }`. */
  readonly combine?: Combine<L, R, Kind, Out>
}

export function addWindowJoin(
  left: Upstream,
  right: Upstream,
  windower: Windower<any>,
  given: WindowJoinOptions<any, any, any, any> | undefined,
): Upstream {
  const { name, onError, kind, combine } = resolveOptions('windowJoin', given, joinRules)
  const options = { onError, kind, windower: windowerOptions('windowJoin', windower) }
  return append<'windowJoin'>([left, right], { kind: 'windowJoin', name, options, functions: { combine } })
}
