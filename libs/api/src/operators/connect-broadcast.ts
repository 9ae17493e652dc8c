import type { Key } from '../definition.ts'
import { fn, optional, resolveOptions } from '../internal/options.ts'
import type { StatesOf, StateSpecs } from '../state.ts'
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

/** Broadcast state is one for all keys of a subtask, and the same in every subtask: only `onBroadcast` may write to it. */
export interface ConnectBroadcastSpec<T, B, K extends Key | null, S extends StateSpecs, BS extends StateSpecs, Out> {
  readonly state?: S
  readonly broadcastState?: BS
  readonly onRecord: (value: T, context: ProcessContext<K, S> & { readonly broadcast: StatesOf<BS> }) => Results<Out>
  /** Must do the same in every subtask, so it has neither key nor clock. */
  readonly onBroadcast: (
    value: B,
    context: { readonly timestamp: number | null; readonly broadcast: StatesOf<BS> },
  ) => Results<Out>
  readonly onTimer?: (time: number, context: TimerContext<K, S> & { readonly broadcast: StatesOf<BS> }) => Results<Out>
}

const specRules = {
  state: optional(stateRule, {}),
  broadcastState: optional(stateRule, {}),
  onRecord: fn(),
  onBroadcast: fn(),
  onTimer: optional(fn(), undefined),
}

export function addConnectBroadcast(
  input: Upstream,
  broadcast: Upstream,
  spec: ConnectBroadcastSpec<any, any, any, any, any, any>,
  given: OperatorOptions | undefined,
): Upstream {
  const { state, broadcastState, ...functions } = resolveOptions('connect', spec, specRules)
  const { name, onError } = resolveOptions('connect', given, operatorRules)
  return append<'connectBroadcast'>([input, broadcast], {
    kind: 'connectBroadcast',
    name,
    options: { onError, state: stateOptions(state), broadcastState: stateOptions(broadcastState) },
    functions: { ...present(functions), reducers: reducersOf({ ...broadcastState, ...state }) } as never,
  })
}
