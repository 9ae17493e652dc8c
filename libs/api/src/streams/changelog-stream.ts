import type { ChangeKind, Key, SinkDeclaration } from '../definition.ts'
import { addChanges } from '../operators/changes.ts'
import { addFilter } from '../operators/filter.ts'
import { addFlatMap } from '../operators/flat-map.ts'
import { addKeyBy } from '../operators/key-by.ts'
import { addMap } from '../operators/map.ts'
import type { OperatorOptions, Synchronous } from '../operators/operator-options.ts'
import { addChangelogSink } from '../operators/sink.ts'
import { addUnion } from '../operators/union.ts'
import type { SideOutput } from '../side-output.ts'
import type { KeyedChangelogStream } from './keyed-changelog-stream.ts'
import type { Stream } from './stream.ts'
import { takingSideOutput, type Upstream } from './upstream.ts'

/**
 * Rows that come, change and go: each record says whether it puts a row in or takes one back. Only operators and sinks
 * that understand taking back can follow.
 */
export class ChangelogStream<T> {
  /** @internal */
  readonly upstream: Upstream
  /** Streams of inserts only are another type. */
  declare readonly '~changelog': true

  /** @internal Made by operators whose results change. */
  constructor(upstream: Upstream) {
    this.upstream = upstream
  }

  /** One row for each row. The function must be a pure one: a row that is taken back has to become what it became before. */
  map<R>(fn: (value: T) => Synchronous<R>, options?: OperatorOptions): ChangelogStream<R> {
    return new ChangelogStream(addMap(this.upstream, fn, options))
  }

  /** Any number of rows for each row, by a pure function. */
  flatMap<R>(fn: (value: T) => Iterable<R>, options?: OperatorOptions): ChangelogStream<R> {
    return new ChangelogStream(addFlatMap(this.upstream, fn, options))
  }

  /** Only the rows that pass. */
  filter<S extends T>(fn: (value: T) => value is S, options?: OperatorOptions): ChangelogStream<S>
  filter(fn: (value: T) => boolean, options?: OperatorOptions): ChangelogStream<T>
  filter(fn: (value: T) => boolean, options?: OperatorOptions): ChangelogStream<T> {
    return new ChangelogStream(addFilter(this.upstream, fn, options))
  }

  keyBy<K extends Key>(key: (value: T) => K, options?: OperatorOptions): KeyedChangelogStream<T, K> {
    return this.upstream.streams.keyedChangelog(addKeyBy(this.upstream, key, options))
  }

  union(...others: readonly [ChangelogStream<T>, ...ChangelogStream<T>[]]): ChangelogStream<T> {
    return new ChangelogStream(addUnion([this.upstream, ...others.map(({ upstream }) => upstream)]))
  }

  /** The changes themselves as records, for sinks and functions that want to see each. */
  changes(options?: OperatorOptions): Stream<{ readonly change: ChangeKind; readonly row: T }> {
    return this.upstream.streams.plain(addChanges(this.upstream, options))
  }

  /** What the operator that made this stream has written to a side output: records that stay, such as late ones. */
  sideOutput<S>(output: SideOutput<S>): Stream<S> {
    return this.upstream.streams.plain(takingSideOutput(this.upstream, output.name))
  }

  /** Writes the rows to a sink that can take them back. Others do not compile: see {@link changes}. */
  sinkTo(sink: SinkDeclaration<T, 'changes'>, options?: OperatorOptions): void {
    addChangelogSink(this.upstream, sink, options)
  }
}
