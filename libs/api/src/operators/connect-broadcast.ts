import type { ConnectBroadcastFunctions, Key } from '../definition.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { fn, optional, resolveOptions } from '../internal/options.ts'
import type { ReadonlyStatesOf, StatesOf, StateSpecs } from '../state.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'
import {
  isKeyed,
  reducers,
  requireNoState,
  stateOptions,
  stateRule,
  timerFunction,
  type ProcessContext,
  type RecordContext,
  type Results,
  type TimerContext,
} from './process.ts'

/** What `onRecord` and `onTimer` see of what was broadcast: all of it, to read. */
export interface BroadcastReader<BS extends StateSpecs> {
  readonly broadcast: ReadonlyStatesOf<BS>
}

/**
 * What `onBroadcast` may reach. It runs in every subtask and must do the same in each, so it has neither key nor clock,
 * and must not depend on the order of records of different partitions.
 */
export interface BroadcastContext<BS extends StateSpecs> extends Pick<RecordContext, 'timestamp' | 'output'> {
  readonly broadcast: StatesOf<BS>
}

/** Records of a stream, and a broadcast stream that tells all of them something. What each function returns is emitted. */
export interface ConnectBroadcastSpec<T, B, BS extends StateSpecs, Out, BroadcastOut = Out> {
  /**
   * One for all keys, and the same in every subtask: only `onBroadcast` may write to it. Its states have no time to
   * live, since it would end at another moment in every subtask.
   */
  readonly broadcastState?: BS
  readonly onRecord: (value: T, context: RecordContext & BroadcastReader<BS>) => Results<Out>
  /** Runs in every subtask; what it returns or writes to side outputs is emitted by one of them. */
  readonly onBroadcast: (value: B, context: BroadcastContext<BS>) => Results<BroadcastOut>
  readonly state?: never
  readonly onTimer?: never
}

/** The same for a keyed stream: with state and timers of the records' keys. */
export interface KeyedConnectBroadcastSpec<
  T,
  B,
  K extends Key,
  S extends StateSpecs,
  BS extends StateSpecs,
  Out,
  BroadcastOut = Out,
  TimerOut = Out,
> {
  readonly state?: S
  /** As in {@link ConnectBroadcastSpec}. */
  readonly broadcastState?: BS
  readonly onRecord: (value: T, context: ProcessContext<K, S> & BroadcastReader<BS>) => Results<Out>
  /** As in {@link ConnectBroadcastSpec}. */
  readonly onBroadcast: (value: B, context: BroadcastContext<BS>) => Results<BroadcastOut>
  readonly onTimer?: (time: number, context: TimerContext<K, S> & BroadcastReader<BS>) => Results<TimerOut>
}

const specRules = {
  state: optional(stateRule, {}),
  broadcastState: optional(stateRule, {}),
  onRecord: fn(),
  onBroadcast: fn(),
  onTimer: optional(fn(), undefined),
}

/** @throws LF_PROGRAM_OPTION, also for broadcast state with a time to live, and for state or timers without a key. */
export function addConnectBroadcast(
  input: Upstream,
  broadcast: Upstream,
  spec: KeyedConnectBroadcastSpec<any, any, any, any, any, any> | ConnectBroadcastSpec<any, any, any, any>,
  given: OperatorOptions | undefined,
): Upstream {
  const resolved = resolveOptions('connect', spec, specRules)
  const { state, broadcastState, onTimer } = resolved
  const { name, formerly, onError } = resolveOptions('connect', given, operatorRules)
  const keyed = isKeyed(input)
  if (!keyed) requireNoState('connect', state, onTimer)
  requireNoTtl(broadcastState)
  const written = reducers(broadcastState)
  return append<'connectBroadcast'>([input, broadcast], {
    kind: 'connectBroadcast',
    name,
    formerly,
    options: { onError, keyed, state: stateOptions(state), broadcastState: stateOptions(broadcastState) },
    functions: {
      ...timerFunction(onTimer),
      onRecord: resolved.onRecord as ConnectBroadcastFunctions['onRecord'],
      onBroadcast: resolved.onBroadcast as ConnectBroadcastFunctions['onBroadcast'],
      ...reducers(state),
      broadcastReducers: written.reducers,
      broadcastMigrations: written.migrations,
    },
  })
}

function requireNoTtl(broadcastState: StateSpecs): void {
  for (const [name, { ttlMs }] of Object.entries(broadcastState)) {
    if (ttlMs === null) continue
    throw new LightflusError(
      'LF_PROGRAM_OPTION',
      `connect: broadcast state '${name}' has a ttl: it would expire at another moment in every subtask.`,
      { nextStep: 'Let a record of the broadcast stream clear it.' },
    )
  }
}
