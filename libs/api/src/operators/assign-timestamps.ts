import { fn, resolveOptions } from '../internal/options.ts'
import { sourceTime, sourceTimeRules, type SourceTimeOptions } from '../source-time.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

export function addAssignTimestamps(
  input: Upstream,
  time: SourceTimeOptions<any> & { readonly eventTime: (value: any) => number },
  given: OperatorOptions | undefined,
): Upstream {
  const rules = { ...sourceTimeRules, eventTime: fn<(value: any) => number>() }
  const { eventTime, ...resolved } = resolveOptions('assignTimestamps', time, rules)
  const { name, onError } = resolveOptions('assignTimestamps', given, operatorRules)
  return append<'assignTimestamps'>([input], {
    kind: 'assignTimestamps',
    name,
    options: { onError, ...sourceTime(resolved) },
    functions: { eventTime },
  })
}
