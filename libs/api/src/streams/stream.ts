import type { Key, LookupDeclaration, SinkDeclaration } from '../definition.ts'
import { addAssignTimestamps, type AssignTimestampsOptions } from '../operators/assign-timestamps.ts'
import { addConnectBroadcast, type ConnectBroadcastSpec } from '../operators/connect-broadcast.ts'
import { addFilter } from '../operators/filter.ts'
import { addFlatMap } from '../operators/flat-map.ts'
import { addKeyBy, addKeyByNothing } from '../operators/key-by.ts'
import { addLookup, type LookupOptions } from '../operators/lookup.ts'
import { addMapAsync, type AsyncContext, type MapAsyncOptions } from '../operators/map-async.ts'
import { addMap } from '../operators/map.ts'
import type { OperatorOptions, Synchronous } from '../operators/operator-options.ts'
import { addProcess, type RecordProcessSpec } from '../operators/process.ts'
import { addSample, type SampleOptions } from '../operators/sample.ts'
import { addSink } from '../operators/sink.ts'
import { addThrottle, type ThrottleOptions } from '../operators/throttle.ts'
import { addUnion } from '../operators/union.ts'
import { addWindow, type Panes, type WindowOptions } from '../operators/window.ts'
import type { SideOutput } from '../side-output.ts'
import type { StateSpecs } from '../state.ts'
import type { Windower, WindowOf } from '../windows/windower.ts'
import type { BroadcastStream } from './broadcast-stream.ts'
import type { KeyedStream } from './keyed-stream.ts'
import { taking, takingSideOutput, type Upstream } from './upstream.ts'
import { windowed, type Windowed } from './windowed-stream.ts'

/** Records of one type, in no order but that of their source's partition. Every method adds an operator to the job's graph. */
export class Stream<T> {
  /** @internal */
  readonly upstream: Upstream

  /** @internal Streams are made by `flow.source` and by operators. */
  constructor(upstream: Upstream) {
    this.upstream = upstream
  }

  /** One record for each record. @example stream.map((order) => order.amount * 100) */
  map<R>(fn: (value: T) => Synchronous<R>, options?: OperatorOptions): Stream<R> {
    return new Stream(addMap(this.upstream, fn, options))
  }

  /** Any number of records for each record. @example lines.flatMap((line) => line.split(' ')) */
  flatMap<R>(fn: (value: T) => Iterable<R>, options?: OperatorOptions): Stream<R> {
    return new Stream(addFlatMap(this.upstream, fn, options))
  }

  /** Only the records that pass; a type guard narrows their type. @example stream.filter((order) => order.amount > 0) */
  filter<S extends T>(fn: (value: T) => value is S, options?: OperatorOptions): Stream<S>
  filter(fn: (value: T) => boolean, options?: OperatorOptions): Stream<T>
  filter(fn: (value: T) => boolean, options?: OperatorOptions): Stream<T> {
    return new Stream(addFilter(this.upstream, fn, options))
  }

  /**
   * One record for each record, made by asking somebody else: the only function that may return a promise.
   * @example orders.mapAsync(async (order, { signal }) => ({ ...order, risk: await score(order, signal) }), { concurrency: 50 })
   */
  mapAsync<R>(fn: (value: T, context: AsyncContext) => Promise<R>, options?: MapAsyncOptions<T>): Stream<R> {
    return new Stream(addMapAsync(this.upstream, fn, options))
  }

  /**
   * Each record with what an outside system holds for its key, asked in batches and cached.
   * @example orders.lookup(mysql.lookup<Product>({ connection: 'shop', table: 'products', key: 'id' }), { key: (order) => order.product })
   */
  lookup<R, Out = { readonly record: T; readonly found: R | null }>(
    source: LookupDeclaration<R>,
    options: LookupOptions<T, R, Out>,
  ): Stream<Out> {
    return new Stream(addLookup(this.upstream, source, options))
  }

  /** The same records, spread over subtasks by key: what state belongs to from here on. @example orders.keyBy((order) => order.user) */
  keyBy<K extends Key>(key: (value: T) => K, options?: OperatorOptions): KeyedStream<T, K> {
    return this.upstream.streams.keyed(addKeyBy(this.upstream, key, options))
  }

  /** All records in windows, not by key: one subtask sees them all. Key the stream first wherever that will do. */
  window<W extends Windower<T>, P extends Panes = 'accumulating'>(
    windower: W,
    options?: WindowOptions<T, P>,
  ): Windowed<T, null, WindowOf<W>, P> {
    const all = addKeyByNothing(this.upstream)
    return windowed(addWindow(all, windower, options, { keyed: false }), options)
  }

  /** A function of each record that may write to side outputs; for state and timers key the stream first. */
  process<Out = never>(spec: RecordProcessSpec<T, Out>, options?: OperatorOptions): Stream<Out> {
    return new Stream(addProcess(this.upstream, spec, options))
  }

  /** The records of several streams of one type in one. Its watermark is the least of theirs. */
  union(...others: readonly [Stream<T>, ...Stream<T>[]]): Stream<T> {
    return new Stream(addUnion([this.upstream, ...others.map(({ upstream }) => upstream)]))
  }

  /** Gives every record to every subtask of what it is connected to. */
  broadcast(): BroadcastStream<T> {
    return this.upstream.streams.broadcast(taking(this.upstream, { exchange: 'broadcast' }))
  }

  /** Records and a broadcast stream in one function, which remembers what was broadcast. */
  connect<B, BS extends StateSpecs = Record<never, never>, Out = never, BroadcastOut = never>(
    broadcast: BroadcastStream<B>,
    spec: ConnectBroadcastSpec<T, B, BS, Out, BroadcastOut>,
    options?: OperatorOptions,
  ): Stream<Out | BroadcastOut> {
    return new Stream(addConnectBroadcast(this.upstream, broadcast.upstream, spec, options))
  }

  /** A share of the records, chosen at random. @example clicks.sample(0.01) */
  sample(fraction: number, options?: SampleOptions): Stream<T> {
    return new Stream(addSample(this.upstream, fraction, options))
  }

  /** No more than so many records in a time; the source is held back meanwhile. @example stream.throttle({ records: 100, per: '1s' }) */
  throttle(options: ThrottleOptions): Stream<T> {
    return new Stream(addThrottle(this.upstream, options))
  }

  /**
   * Gives the records new event times and a new watermark, where the source's will not do.
   * @example replies.assignTimestamps({ eventTime: (reply) => reply.answeredAt, outOfOrderness: '10s' })
   */
  assignTimestamps(options: AssignTimestampsOptions<T>, operator?: OperatorOptions): Stream<T> {
    return new Stream(addAssignTimestamps(this.upstream, options, operator))
  }

  /** What the operator that made this stream has written to a side output. */
  sideOutput<S>(output: SideOutput<S>): Stream<S> {
    return new Stream(takingSideOutput(this.upstream, output.name))
  }

  /** Writes every record to a sink. A stream may have several sinks, and go on beside them. */
  sinkTo(sink: SinkDeclaration<T>, options?: OperatorOptions): void {
    addSink(this.upstream, sink, options)
  }
}
