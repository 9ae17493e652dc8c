import type { Aggregate } from './definition.ts'
import type { Duration } from './duration.ts'
import { duration, optional, resolveOptions } from './internal/options.ts'
import { versionOf, versionRules, type Migration, type VersionOptions } from './migration.ts'

export interface StateOptions {
  /**
   * How long an entry is kept after it was last written, by the clock of the worker, at least 1 ms. Default: for ever.
   * What has expired is never read again, and is removed soon after: within a fiftieth of the time, or 100 ms.
   */
  readonly ttl?: Duration
}

/** What a process function remembers of each key. Values hold only what structured clone can copy. */
export type StateSpec = ValueStateSpec<any> | ListStateSpec<any> | MapStateSpec<any, any> | ReducingStateSpec<any, any>
export type StateSpecs = Readonly<Record<string, StateSpec>>

/** Options of a state that holds values of the program. */
export interface ValuesStateOptions<V> extends StateOptions, VersionOptions<V> {}

/** Of the form of a state's values. Absent: version 1, and none. */
interface VersionedSpec<V> {
  readonly version?: number
  readonly migrate?: Migration<V>
}

export interface ValueStateSpec<V> extends VersionedSpec<V> {
  readonly kind: 'value'
  readonly ttlMs: number | null
  readonly '~value'?: V
}
export interface ListStateSpec<V> extends VersionedSpec<V> {
  readonly kind: 'list'
  readonly ttlMs: number | null
  readonly '~value'?: V
}
export interface MapStateSpec<MK extends string | number | boolean, V> extends VersionedSpec<V> {
  readonly kind: 'map'
  readonly ttlMs: number | null
  readonly '~key'?: MK
  readonly '~value'?: V
}
export interface ReducingStateSpec<In, Out> {
  readonly kind: 'reducing'
  readonly ttlMs: number | null
  readonly aggregate: Aggregate<In, any, Out>
}

/**
 * One value. What is got may be changed only in the same call, and is then to be set: what is changed in it otherwise may or
 * may not be kept. The same holds for the values of the other states.
 */
export interface ValueState<V> {
  /** Undefined where there is none. */
  get(): V | undefined
  /** `undefined` clears. */
  set(value: V): void
  clear(): void
}
export interface ListState<V> {
  add(value: V): void
  readonly length: number
  /** In the order of adding. What is changed in the array is not changed in the state. */
  get(): readonly V[]
  /** Puts these in place of all; none clears. */
  set(values: Iterable<V>): void
  clear(): void
}
/** In no order that may be relied on. */
export interface MapState<MK, V> {
  get(key: MK): V | undefined
  has(key: MK): boolean
  set(key: MK, value: V): void
  delete(key: MK): void
  /** Where entries expire, each call counts those that have not. */
  readonly size: number
  entries(): IterableIterator<[MK, V]>
  clear(): void
}
export interface ReducingState<In, Out> {
  add(value: In): void
  /** Undefined where nothing was added. */
  get(): Out | undefined
  clear(): void
}

/** What a function reaches under `context.state`: a state of each name, which is that of the current key. */
export type StatesOf<S extends StateSpecs> = { readonly [Name in keyof S]: StateOf<S[Name]> }

type StateOf<Spec> =
  Spec extends ValueStateSpec<infer V>
    ? ValueState<V>
    : Spec extends ListStateSpec<infer V>
      ? ListState<V>
      : Spec extends MapStateSpec<infer MK, infer V>
        ? MapState<MK, V>
        : Spec extends ReducingStateSpec<infer In, infer Out>
          ? ReducingState<In, Out>
          : never

/** The same states to those that may only read them. */
export type ReadonlyStatesOf<S extends StateSpecs> = {
  readonly [Name in keyof S]: Pick<
    StateOf<S[Name]>,
    Extract<keyof StateOf<S[Name]>, 'get' | 'has' | 'length' | 'size' | 'entries'>
  >
}

/**
 * One value.
 * @example state.value<number>({ ttl: '1h' })
 * @example state.value({ version: 2, migrate: (former: { name: string }) => ({ fullName: former.name }) })
 */
const value = <V>(options?: ValuesStateOptions<V>): ValueStateSpec<V> => ({
  kind: 'value',
  ...valuesOf('state.value', options),
})
/** Values in the order of adding. Each expires by itself, and is migrated by itself. */
const list = <V>(options?: ValuesStateOptions<V>): ListStateSpec<V> => ({
  kind: 'list',
  ...valuesOf('state.list', options),
})
/** Values by key. Each expires by itself, and is migrated by itself. */
const map = <MK extends string | number | boolean, V>(options?: ValuesStateOptions<V>): MapStateSpec<MK, V> => ({
  kind: 'map',
  ...valuesOf('state.map', options),
})
/** What an aggregate has folded; of a `fold` the aggregate has the version. @example state.reducing(sum((order: Order) => order.amount)) */
const reducing = <In, Out>(aggregate: Aggregate<In, any, Out>, options?: StateOptions): ReducingStateSpec<In, Out> => ({
  kind: 'reducing',
  aggregate,
  ttlMs: ttlOf('state.reducing', options),
})

/** Declares what a process function remembers. */
export const state = { value, list, map, reducing }

const ttlRules = { ttl: optional(duration(1), null) }

function ttlOf(owner: string, options: StateOptions | undefined): number | null {
  return resolveOptions(owner, options, ttlRules).ttl
}

function valuesOf<V>(
  owner: string,
  options: ValuesStateOptions<V> | undefined,
): VersionedSpec<V> & { readonly ttlMs: number | null } {
  const { ttl } = resolveOptions(owner, options, { ...ttlRules, ...versionRules })
  return { ttlMs: ttl, ...versionOf(owner, options ?? {}) }
}
