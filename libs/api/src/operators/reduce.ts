import { append, type Upstream } from '../streams/upstream.ts'
import { resolveOptions } from '../internal/options.ts'
import { versionOf, versionRules, type VersionOptions } from '../migration.ts'
import { runningRules, type RunningOptions } from './aggregate.ts'
import { requireFunction } from './operator-options.ts'

/** The version is that of the values that the function makes. */
export interface ReduceOptions<T> extends RunningOptions, VersionOptions<T> {}

export function addReduce(
  input: Upstream,
  fn: (a: any, b: any) => unknown,
  given: ReduceOptions<any> | undefined,
): Upstream {
  requireFunction('reduce', fn)
  const { name, formerly, onError, emit } = resolveOptions('reduce', given, { ...runningRules, ...versionRules })
  const { version, migrate } = versionOf('reduce', given ?? {})
  return append<'reduce'>([input], {
    kind: 'reduce',
    name,
    formerly,
    options: { onError, emit, ...(version && { version }) },
    functions: { fn, ...(migrate && { migrate }) },
  })
}
