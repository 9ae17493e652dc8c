import type { Key } from '../definition.ts'
import { fn, optional, resolveOptions } from '../internal/options.ts'
import type { StateSpecs } from '../state.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'
import {
  present,
  reducersOf,
  stateOptions,
  stateRule,
  type ProcessContext,
  type Results,
  type TimerContext,
} from './process.ts'

/** Two inputs that share state and timers of their keys. */
export interface ConnectSpec<L, R, K extends Key, S extends StateSpecs, Out> {
  readonly state?: S
  readonly onLeft: (value: L, context: ProcessContext<K, S>) => Results<Out>
  readonly onRight: (value: R, context: ProcessContext<K, S>) => Results<Out>
  readonly onTimer?: (time: number, context: TimerContext<K, S>) => Results<Out>
}

const specRules = { state: optional(stateRule, {}), onLeft: fn(), onRight: fn(), onTimer: optional(fn(), undefined) }

export function addConnect(
  left: Upstream,
  right: Upstream,
  spec: ConnectSpec<any, any, any, any, any>,
  given: OperatorOptions | undefined,
): Upstream {
  const { state, ...functions } = resolveOptions('connect', spec, specRules)
  const { name, onError } = resolveOptions('connect', given, operatorRules)
  return append<'connect'>([left, right], {
    kind: 'connect',
    name,
    options: { onError, state: stateOptions(state) },
    functions: { ...present(functions), reducers: reducersOf(state) } as never,
  })
}
