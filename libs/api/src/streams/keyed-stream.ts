import type { Key } from '../definition.ts'
import {
  addAggregate,
  type AggregateOptions,
  type AggregatesOf,
  type KeyedResult,
  type RunningOptions,
} from '../operators/aggregate.ts'
import { addConnectBroadcast, type KeyedConnectBroadcastSpec } from '../operators/connect-broadcast.ts'
import { addConnect, type ConnectSpec } from '../operators/connect.ts'
import { addDeduplicate, type DeduplicateOptions } from '../operators/deduplicate.ts'
import {
  addDistinctUntilChanged,
  type ComparedBy,
  type DistinctUntilChangedOptions,
} from '../operators/distinct-until-changed.ts'
import { addIntervalJoin, type IntervalJoinOptions } from '../operators/interval-join.ts'
import { addJoin, inputKindOf, type JoinOptions } from '../operators/join.ts'
import type { Joined, JoinKind } from '../operators/join-kinds.ts'
import type { OperatorOptions } from '../operators/operator-options.ts'
import { addProcess, type ProcessSpec } from '../operators/process.ts'
import { addReduce, type ReduceOptions } from '../operators/reduce.ts'
import { addTemporalJoin, type TemporalJoinOptions } from '../operators/temporal-join.ts'
import { addTopN, type Ranked, type TopNOptions } from '../operators/top-n.ts'
import { addWindowJoin, type WindowJoinOptions } from '../operators/window-join.ts'
import { addWindow, type Panes, type WindowOptions } from '../operators/window.ts'
import type { StateSpecs } from '../state.ts'
import type { TimeWindower, Windower, WindowOf } from '../windows/windower.ts'
import type { BroadcastStream } from './broadcast-stream.ts'
import type { ChangelogStream } from './changelog-stream.ts'
import type { KeyedChangelogStream } from './keyed-changelog-stream.ts'
import type { Stream } from './stream.ts'
import type { Upstream } from './upstream.ts'
import { windowed, type Windowed } from './windowed-stream.ts'

/** Records that belong to keys: the place for state. */
export class KeyedStream<T, K extends Key> {
  /** @internal */
  readonly upstream: Upstream

  /** @internal Made by `stream.keyBy`. */
  constructor(upstream: Upstream) {
    this.upstream = upstream
  }

  /**
   * Folds the records of each key into one of the same type; emits the value so far for every record. The function gives a
   * new value or one of the two, and must not change them.
   * @example orders.keyBy((o) => o.user).reduce((a, b) => (a.amount > b.amount ? a : b))
   */
  reduce(
    fn: (a: T, b: T) => T,
    options: ReduceOptions<T> & { readonly emit: 'changelog' },
  ): ChangelogStream<{ readonly key: K; readonly value: T }>
  reduce(fn: (a: T, b: T) => T, options?: ReduceOptions<T>): Stream<{ readonly key: K; readonly value: T }>
  reduce(fn: (a: T, b: T) => T, options?: ReduceOptions<T>): unknown {
    return this.#running(addReduce(this.upstream, fn, options), options)
  }

  /**
   * Several aggregates for each key; emits all of them so far for every record.
   * @example words.keyBy((word) => word).aggregate({ count: count() })
   */
  aggregate<A extends AggregatesOf<T>>(
    aggregates: A,
    options: AggregateOptions & { readonly emit: 'changelog' },
  ): ChangelogStream<KeyedResult<K, A>>
  aggregate<A extends AggregatesOf<T>>(aggregates: A, options?: AggregateOptions): Stream<KeyedResult<K, A>>
  aggregate<A extends AggregatesOf<T>>(aggregates: A, options?: AggregateOptions): unknown {
    return this.#running(addAggregate(this.upstream, aggregates, options), options)
  }

  /** Cuts each key's records into windows. @example orders.keyBy((o) => o.user).window(tumbling('1m')) */
  window<W extends Windower<T>, P extends Panes = 'accumulating'>(
    windower: W,
    options?: WindowOptions<T, P>,
  ): Windowed<T, K, WindowOf<W>, P> {
    return windowed(addWindow(this.upstream, windower, options, { keyed: true }), options)
  }

  /** A function of each record, with state of its key, timers and side outputs: what no other operator can say. */
  process<S extends StateSpecs = Record<never, never>, Out = never, TimerOut = never>(
    spec: ProcessSpec<T, K, S, Out, TimerOut>,
    options?: OperatorOptions,
  ): Stream<Out | TimerOut> {
    return this.upstream.streams.plain(addProcess(this.upstream, spec, options))
  }

  /** Two streams of one kind of key in one operator, which share the key's state and timers. */
  connect<R, S extends StateSpecs = Record<never, never>, LeftOut = never, RightOut = never, TimerOut = never>(
    right: KeyedStream<R, K>,
    spec: ConnectSpec<T, R, K, S, LeftOut, RightOut, TimerOut>,
    options?: OperatorOptions,
  ): Stream<LeftOut | RightOut | TimerOut>
  /** Records by key, and a broadcast stream that tells every key the same. */
  connect<
    B,
    S extends StateSpecs = Record<never, never>,
    BS extends StateSpecs = Record<never, never>,
    Out = never,
    BroadcastOut = never,
    TimerOut = never,
  >(
    broadcast: BroadcastStream<B>,
    spec: KeyedConnectBroadcastSpec<T, B, K, S, BS, Out, BroadcastOut, TimerOut>,
    options?: OperatorOptions,
  ): Stream<Out | BroadcastOut | TimerOut>
  connect(
    other: KeyedStream<any, any> | BroadcastStream<any>,
    spec: ConnectSpec<any, any, any, any, any> | KeyedConnectBroadcastSpec<any, any, any, any, any, any>,
    options?: OperatorOptions,
  ): unknown {
    const { streams } = this.upstream
    if ('onBroadcast' in spec) return streams.plain(addConnectBroadcast(this.upstream, other.upstream, spec, options))
    return streams.plain(addConnect(this.upstream, other.upstream, spec, options))
  }

  /** One record of each key, by the order in which they arrive: the first (default), or the last so far, which is a changelog. */
  deduplicate(options: DeduplicateOptions & { readonly keep: 'last' }): ChangelogStream<T>
  deduplicate(options?: DeduplicateOptions): Stream<T>
  deduplicate(options: DeduplicateOptions = {}): unknown {
    const end = addDeduplicate(this.upstream, options)
    return options.keep === 'last' ? this.upstream.streams.changelog(end) : this.upstream.streams.plain(end)
  }

  /**
   * Of each key's records those that differ from the one before, by the order in which they arrive. By default whole records
   * are compared, by their structure; `by` is a pure function of what is compared instead.
   * @example readings.keyBy((r) => r.sensor).distinctUntilChanged((r) => r.state, { ttl: '1h' })
   */
  distinctUntilChanged(by?: (value: T) => ComparedBy, options?: DistinctUntilChangedOptions): Stream<T> {
    return this.upstream.streams.plain(addDistinctUntilChanged(this.upstream, by, options))
  }

  /** The greatest (or least) records of each key so far, with their rank, as a changelog. */
  topN(n: number, options: TopNOptions<T>): ChangelogStream<Ranked<T, K>> {
    return this.upstream.streams.changelog(addTopN(this.upstream, n, options))
  }

  /** Pairs records of two streams that have one key and lie in one window. @example bids.windowJoin(asks, tumbling('10s')) */
  windowJoin<R, Kind extends JoinKind = 'inner', Out = Joined<T, R, Kind>>(
    right: KeyedStream<R, K>,
    windower: TimeWindower<T | R>,
    options?: WindowJoinOptions<T, R, Kind, Out>,
  ): Stream<Out> {
    return this.upstream.streams.plain(addWindowJoin(this.upstream, right.upstream, windower, options))
  }

  /** Pairs each record with those of the other stream whose event time lies around its own. @example orders.intervalJoin(payments, { from: '0s', to: '1h' }) */
  intervalJoin<R, Kind extends JoinKind = 'inner', Out = Joined<T, R, Kind>>(
    right: KeyedStream<R, K>,
    options: IntervalJoinOptions<T, R, Kind, Out>,
  ): Stream<Out> {
    return this.upstream.streams.plain(addIntervalJoin(this.upstream, right.upstream, options))
  }

  /**
   * Pairs all records of two streams that have one key, whenever they come. An inner join of records only ever adds pairs;
   * an outer join, and one with a changelog, takes back what a later record makes wrong, so its result is a changelog.
   * @example bids.join(auctions, { combine: (bid, auction) => ({ ...bid, item: auction.item }) })
   */
  join<R, Kind extends JoinKind = 'inner', Out = Joined<T, R, Kind>>(
    right: KeyedStream<R, K>,
    options?: JoinOptions<T, R, Kind, Out>,
  ): Kind extends 'inner' ? Stream<Out> : ChangelogStream<Out>
  join<R, Kind extends JoinKind = 'inner', Out = Joined<T, R, Kind>>(
    right: KeyedChangelogStream<R, K>,
    options?: JoinOptions<T, R, Kind, Out>,
  ): ChangelogStream<Out>
  join<R, Kind extends JoinKind = 'inner', Out = Joined<T, R, Kind>>(
    right: KeyedStream<R, K> | KeyedChangelogStream<R, K>,
    options?: JoinOptions<T, R, Kind, Out>,
  ): Stream<Out> | ChangelogStream<Out>
  join(
    right: KeyedStream<any, K> | KeyedChangelogStream<any, K>,
    options?: JoinOptions<any, any, JoinKind, any>,
  ): unknown {
    const { streams } = this.upstream
    const input = inputKindOf(right)
    const end = addJoin(this.upstream, right.upstream, options, ['records', input])
    return input === 'records' && (options?.kind ?? 'inner') === 'inner' ? streams.plain(end) : streams.changelog(end)
  }

  /**
   * Each record with the version of the other stream that was valid at its event time: its newest record that is not later.
   * In a changelog a row that is taken back ends its version.
   * @example orders.temporalJoin(rates, { combine: (order, rate) => order.amount * rate.perEuro })
   */
  temporalJoin<R, Kind extends 'inner' | 'left' = 'inner', Out = Joined<T, R, Kind>>(
    versions: KeyedStream<R, K> | KeyedChangelogStream<R, K>,
    options?: TemporalJoinOptions<T, R, Kind, Out>,
  ): Stream<Out> {
    return this.upstream.streams.plain(addTemporalJoin(this.upstream, versions.upstream, options))
  }

  #running(end: Upstream, options: RunningOptions | undefined): unknown {
    const { streams } = this.upstream
    return options?.emit === 'changelog' ? streams.changelog(end) : streams.plain(end)
  }
}
