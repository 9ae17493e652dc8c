import type { Duration } from '../duration.ts'
import { duration, resolveOptions, whole } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

export interface ThrottleOptions extends OperatorOptions {
  /** Records that may pass in each span of `per`, over all subtasks: each takes an equal share. */
  readonly records: number
  /** Records pass evenly spread over it. */
  readonly per: Duration
}

export function addThrottle(input: Upstream, given: ThrottleOptions): Upstream {
  const { name, formerly, onError, records, per } = resolveOptions('throttle', given, {
    ...operatorRules,
    records: whole(1, 1_000_000_000),
    per: duration(1),
  })
  return append<'throttle'>([input], {
    kind: 'throttle',
    name,
    formerly,
    options: { onError, records, perMs: per },
    functions: {},
  })
}
