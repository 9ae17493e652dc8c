import { oneOf, optional, resolveOptions } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import type { Combine } from './join-kinds.ts'
import { joinRules } from './join.ts'
import type { OperatorOptions } from './operator-options.ts'

export interface TemporalJoinOptions<L, R, Kind extends 'inner' | 'left', Out> extends OperatorOptions {
  /** `'inner'` (default): records before the first version are left out. `'left'`: they come with null. */
  readonly kind?: Kind
  /** What is made of a record and the version that was valid at its event time. Default `{ left, right }`. */
  readonly combine?: Combine<L, R, Kind, Out>
}

export function addTemporalJoin(
  left: Upstream,
  versions: Upstream,
  given: TemporalJoinOptions<any, any, any, any> | undefined,
): Upstream {
  const rules = { ...joinRules, kind: optional(oneOf('inner', 'left'), 'inner' as const) }
  const { name, formerly, onError, kind, combine } = resolveOptions('temporalJoin', given, rules)
  const options = { onError, kind }
  return append<'temporalJoin'>([left, versions], {
    kind: 'temporalJoin',
    name,
    formerly,
    options,
    functions: { combine },
  })
}
