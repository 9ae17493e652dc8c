import { append, type Upstream } from '../streams/upstream.ts'
import { resolveOptions } from '../internal/options.ts'
import { operatorRules, requireFunction, type OperatorOptions } from './operator-options.ts'

export function addMap(input: Upstream, fn: (value: any) => unknown, given: OperatorOptions | undefined): Upstream {
  requireFunction('map', fn)
  const { name, formerly, onError } = resolveOptions('map', given, operatorRules)
  return append<'map'>([input], { kind: 'map', name, formerly, options: { onError }, functions: { fn } })
}
