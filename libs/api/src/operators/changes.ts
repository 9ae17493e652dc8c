import { resolveOptions } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

export function addChanges(input: Upstream, given: OperatorOptions | undefined): Upstream {
  const { name, formerly, onError } = resolveOptions('changes', given, operatorRules)
  return append<'changes'>([input], { kind: 'changes', name, formerly, options: { onError }, functions: {} })
}
