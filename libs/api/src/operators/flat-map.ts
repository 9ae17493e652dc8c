import { append, type Upstream } from '../streams/upstream.ts'
import { resolveOptions } from '../internal/options.ts'
import { operatorRules, requireFunction, type OperatorOptions } from './operator-options.ts'

export function addFlatMap(
  input: Upstream,
  fn: (value: any) => Iterable<unknown>,
  given: OperatorOptions | undefined,
): Upstream {
  requireFunction('flatMap', fn)
  const { name, formerly, onError } = resolveOptions('flatMap', given, operatorRules)
  return append<'flatMap'>([input], { kind: 'flatMap', name, formerly, options: { onError }, functions: { fn } })
}
