import { append, type Upstream } from '../streams/upstream.ts'
import { resolveOptions } from '../internal/options.ts'
import { operatorRules, requireFunction, type OperatorOptions } from './operator-options.ts'

export function addFilter(input: Upstream, fn: (value: any) => boolean, given: OperatorOptions | undefined): Upstream {
  requireFunction('filter', fn)
  const { name, formerly, onError } = resolveOptions('filter', given, operatorRules)
  return append<'filter'>([input], { kind: 'filter', name, formerly, options: { onError }, functions: { fn } })
}
