import { append, type Upstream } from '../streams/upstream.ts'
import { resolveOptions } from '../internal/options.ts'
import { runningRules, type RunningOptions } from './aggregate.ts'
import { requireFunction } from './operator-options.ts'

export function addReduce(
  input: Upstream,
  fn: (a: any, b: any) => unknown,
  given: RunningOptions | undefined,
): Upstream {
  requireFunction('reduce', fn)
  const { name, formerly, onError, emit } = resolveOptions('reduce', given, runningRules)
  return append<'reduce'>([input], { kind: 'reduce', name, formerly, options: { onError, emit }, functions: { fn } })
}
