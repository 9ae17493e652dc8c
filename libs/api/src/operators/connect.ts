import type { ConnectFunctions, Key } from '../definition.ts'
import { fn, optional, resolveOptions } from '../internal/options.ts'
import type { StateSpecs } from '../state.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'
import {
  reducers,
  stateOptions,
  stateRule,
  timerFunction,
  type ProcessContext,
  type Results,
  type TimerContext,
} from './process.ts'

/** Two inputs that share state and timers of their keys. What each function returns is emitted. */
export interface ConnectSpec<
  L,
  R,
  K extends Key,
  S extends StateSpecs,
  LeftOut,
  RightOut = LeftOut,
  TimerOut = LeftOut,
> {
  readonly state?: S
  readonly onLeft: (value: L, context: ProcessContext<K, S>) => Results<LeftOut>
  readonly onRight: (value: R, context: ProcessContext<K, S>) => Results<RightOut>
  readonly onTimer?: (time: number, context: TimerContext<K, S>) => Results<TimerOut>
}

const specRules = { state: optional(stateRule, {}), onLeft: fn(), onRight: fn(), onTimer: optional(fn(), undefined) }

export function addConnect(
  left: Upstream,
  right: Upstream,
  spec: ConnectSpec<any, any, any, any, any>,
  given: OperatorOptions | undefined,
): Upstream {
  const { state, onLeft, onRight, onTimer } = resolveOptions('connect', spec, specRules)
  const { name, formerly, onError } = resolveOptions('connect', given, operatorRules)
  return append<'connect'>([left, right], {
    kind: 'connect',
    name,
    formerly,
    options: { onError, state: stateOptions(state) },
    functions: {
      ...timerFunction(onTimer),
      onLeft: onLeft as ConnectFunctions['onLeft'],
      onRight: onRight as ConnectFunctions['onRight'],
      ...reducers(state),
    },
  })
}
