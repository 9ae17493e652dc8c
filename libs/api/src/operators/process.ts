import type { Key, ProcessFunctions } from '../definition.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import type { Json } from '../graph.ts'
import { fn, fitting, optional, resolveOptions } from '../internal/options.ts'
import type { VersionOptions } from '../migration.ts'
import type { SideOutput } from '../side-output.ts'
import type { ReducingStateSpec, StatesOf, StateSpec, StateSpecs } from '../state.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

/** Calls back `onTimer` for the current key. A timer for a time is set once, however often it is set. */
export interface Timers {
  /**
   * Once the watermark has reached the time: one that it has passed already, at the next watermark. At the end of the
   * input all are called.
   * @param time milliseconds since the epoch.
   */
  setEventTime(time: number): void
  deleteEventTime(time: number): void
  /**
   * Once the worker's clock has reached the time, at the end of the input at the latest; from then on none can be set.
   * @param time milliseconds since the epoch.
   */
  setProcessingTime(time: number): void
  deleteProcessingTime(time: number): void
}

/** What a function of a record without a key may reach. It is one object that changes from call to call: do not keep it. */
export interface RecordContext<K extends Key | null = null> {
  /** Null where the stream has no key. */
  readonly key: K
  /** Of the record, or of the event-time timer; null where a record or timer has none. Milliseconds since the epoch. */
  readonly timestamp: number | null
  /** Null before the first, Infinity once the input has ended. */
  readonly watermark: number | null
  /** The worker's clock. */
  readonly processingTime: number
  /** Writes to a side output, with the event time of what is returned. */
  readonly output: <O>(side: SideOutput<O>, value: O) => void
}

/** The same where there is a key, with what is remembered of it. */
export interface ProcessContext<K extends Key, S extends StateSpecs> extends RecordContext<K> {
  readonly state: StatesOf<S>
  readonly timers: Timers
}

export interface TimerContext<K extends Key, S extends StateSpecs> extends ProcessContext<K, S> {
  readonly timer: 'eventTime' | 'processingTime'
}

/**
 * What a function returns is emitted, with the event time of its record or event-time timer; that of a processing-time
 * timer has no event time. An array or a generator; text is none, though it can be iterated over.
 */
export type Results<Out> = (Iterable<Out> & object) | void

/** `Out` is what `onRecord` emits, `TimerOut` what `onTimer` does: both are told by what the functions return. */
export interface ProcessSpec<T, K extends Key, S extends StateSpecs, Out, TimerOut = Out> {
  readonly state?: S
  readonly onRecord: (value: T, context: ProcessContext<K, S>) => Results<Out>
  readonly onTimer?: (time: number, context: TimerContext<K, S>) => Results<TimerOut>
}

/** Without a key there are side outputs, but neither state nor timers. */
export interface RecordProcessSpec<T, Out> {
  readonly onRecord: (value: T, context: RecordContext) => Results<Out>
  readonly state?: never
  readonly onTimer?: never
}

export const stateRule = fitting(
  (value: unknown): value is StateSpecs =>
    typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each?.kind === 'string'),
  'an object of states, such as { seen: state.value<number>() }',
)
const specRules = { state: optional(stateRule, {}), onRecord: fn(), onTimer: optional(fn(), undefined) }

/** @throws LF_PROGRAM_OPTION, also for state or timers without a key. */
export function addProcess(
  input: Upstream,
  spec: ProcessSpec<any, any, any, any> | RecordProcessSpec<any, any>,
  given: OperatorOptions | undefined,
): Upstream {
  const { state, onRecord, onTimer } = resolveOptions('process', spec, specRules)
  const { name, formerly, onError } = resolveOptions('process', given, operatorRules)
  const keyed = isKeyed(input)
  if (!keyed) requireNoState('process', state, onTimer)
  return append<'process'>([input], {
    kind: 'process',
    name,
    formerly,
    options: { onError, keyed, state: stateOptions(state) },
    functions: { ...timerFunction(onTimer), onRecord: onRecord as ProcessFunctions['onRecord'], ...reducers(state) },
  })
}

export const isKeyed = ({ edge }: Upstream): boolean => edge.exchange === 'keyed'

/** @throws LF_PROGRAM_OPTION, since both belong to keys. */
export function requireNoState(owner: string, state: StateSpecs, onTimer: unknown): void {
  const given = [...(Object.keys(state).length > 0 ? ['state'] : []), ...(onTimer === undefined ? [] : ['onTimer'])]
  if (given.length === 0) return
  throw new LightflusError(
    'LF_PROGRAM_OPTION',
    `${owner}: ${given.join(' and ')} ${given.length > 1 ? 'belong' : 'belongs'} to keys, and the stream has none.`,
    { nextStep: 'Key the stream first: `stream.keyBy(…)`.' },
  )
}

/** The graph's form of states: name → kind, time to live, and version where it is not the first. */
export function stateOptions(specs: StateSpecs): Json {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const { version } = versionedPart(spec)
      return [name, { kind: spec.kind, ttlMs: spec.ttlMs, ...(version !== undefined && { version }) }]
    }),
  )
}

const versionedPart = (spec: StateSpec): VersionOptions<any> => (isReducing(spec) ? spec.aggregate : spec)

export function reducers(specs: StateSpecs): Required<Pick<ProcessFunctions, 'reducers' | 'migrations'>> {
  const reducing = Object.entries(specs).filter((entry): entry is [string, ReducingStateSpec<any, any>] =>
    isReducing(entry[1]),
  )
  const migrations = Object.entries(specs).flatMap(([name, spec]) => {
    const { migrate } = versionedPart(spec)
    return migrate === undefined ? [] : [[name, migrate] as const]
  })
  return {
    reducers: Object.fromEntries(reducing.map(([name, { aggregate }]) => [name, aggregate])),
    migrations: Object.fromEntries(migrations),
  }
}

const isReducing = (spec: StateSpec): spec is ReducingStateSpec<any, any> => spec.kind === 'reducing'

export function timerFunction(onTimer: unknown): Pick<ProcessFunctions, 'onTimer'> {
  return onTimer === undefined ? {} : { onTimer: onTimer as NonNullable<ProcessFunctions['onTimer']> }
}
