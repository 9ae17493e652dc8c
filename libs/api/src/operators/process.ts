import type { Key } from '../definition.ts'
import type { Json } from '../graph.ts'
import { fn, fitting, optional, resolveOptions } from '../internal/options.ts'
import type { SideOutput } from '../side-output.ts'
import type { ReducingStateSpec, StatesOf, StateSpec, StateSpecs } from '../state.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

/** Calls back `onTimer` for the current key. A timer for a time is set once, however often it is set. */
export interface Timers {
  /** Once the watermark has reached the time. */
  setEventTime(time: number): void
  deleteEventTime(time: number): void
  /** Once the worker's clock has reached the time; in a run over bounded input, at its end at the latest. */
  setProcessingTime(time: number): void
  deleteProcessingTime(time: number): void
}

/** What a process function may reach. It is one object that changes from call to call: do not keep it. */
export interface ProcessContext<K extends Key | null, S extends StateSpecs> {
  /** Null where the stream has no key. */
  readonly key: K
  /** Of the record, or of the timer; null where a record has none. Milliseconds since the epoch. */
  readonly timestamp: number | null
  /** Null before the first. */
  readonly watermark: number | null
  /** The worker's clock. */
  readonly processingTime: number
  readonly state: StatesOf<S>
  readonly timers: Timers
  /** Writes to a side output, with the event time of what is returned. */
  output<O>(side: SideOutput<O>, value: O): void
}

export interface TimerContext<K extends Key | null, S extends StateSpecs> extends ProcessContext<K, S> {
  readonly timer: 'eventTime' | 'processingTime'
}

/** What a function returns is emitted, with the event time of its record or timer. Generators will do. */
export type Results<Out> = Iterable<Out> | void

export interface ProcessSpec<T, K extends Key | null, S extends StateSpecs, Out> {
  readonly state?: S
  readonly onRecord: (value: T, context: ProcessContext<K, S>) => Results<Out>
  readonly onTimer?: (time: number, context: TimerContext<K, S>) => Results<Out>
}

export const stateRule = fitting(
  (value: unknown): value is StateSpecs =>
    typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each?.kind === 'string'),
  'an object of states',
)
const specRules = { state: optional(stateRule, {}), onRecord: fn(), onTimer: optional(fn(), undefined) }

export function addProcess(
  input: Upstream,
  spec: ProcessSpec<any, any, any, any>,
  given: OperatorOptions | undefined,
): Upstream {
  const { state, ...functions } = resolveOptions('process', spec, specRules)
  const { name, onError } = resolveOptions('process', given, operatorRules)
  return append<'process'>([input], {
    kind: 'process',
    name,
    options: { onError, state: stateOptions(state) },
    functions: { ...present(functions), reducers: reducersOf(state) } as never,
  })
}

/** The graph's form of states: name → kind and time to live. */
export function stateOptions(specs: StateSpecs): Json {
  return Object.fromEntries(Object.entries(specs).map(([name, { kind, ttlMs }]) => [name, { kind, ttlMs }]))
}

export function reducersOf(specs: StateSpecs): Record<string, ReducingStateSpec<any, any>['aggregate']> {
  const reducing = Object.entries(specs).filter((entry): entry is [string, ReducingStateSpec<any, any>] =>
    isReducing(entry[1]),
  )
  return Object.fromEntries(reducing.map(([name, { aggregate }]) => [name, aggregate]))
}

const isReducing = (spec: StateSpec): spec is ReducingStateSpec<any, any> => spec.kind === 'reducing'

/** Without what is undefined. */
export const present = (functions: object): object =>
  Object.fromEntries(Object.entries(functions).filter(([, value]) => value !== undefined))
