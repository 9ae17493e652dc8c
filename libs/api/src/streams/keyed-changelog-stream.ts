import type { Key } from '../definition.ts'
import { addAggregate, type KeyedResult, type RetractableAggregatesOf } from '../operators/aggregate.ts'
import { addJoin, inputKindOf, type JoinOptions } from '../operators/join.ts'
import type { Joined, JoinKind } from '../operators/join-kinds.ts'
import type { OperatorOptions } from '../operators/operator-options.ts'
import { addTopN, type Ranked, type TopNOptions } from '../operators/top-n.ts'
import { ChangelogStream } from './changelog-stream.ts'
import type { KeyedStream } from './keyed-stream.ts'
import type { Upstream } from './upstream.ts'

/** Rows that change, by key. */
export class KeyedChangelogStream<T, K extends Key> {
  /** @internal */
  readonly upstream: Upstream
  /** What joins tell it by. */
  readonly '~changelog' = true

  /** @internal Made by `changelog.keyBy`. */
  constructor(upstream: Upstream) {
    this.upstream = upstream
  }

  /** Aggregates over the rows that are there now: a row that is taken back is taken out of them. */
  aggregate<A extends RetractableAggregatesOf<T>>(
    aggregates: A,
    options?: OperatorOptions,
  ): ChangelogStream<KeyedResult<K, A>> {
    return new ChangelogStream(addAggregate(this.upstream, aggregates, { ...options, emit: 'changelog' }, 'changelog'))
  }

  /** The greatest (or least) rows of each key that are there now. */
  topN(n: number, options: TopNOptions<T>): ChangelogStream<Ranked<T, K>> {
    return new ChangelogStream(addTopN(this.upstream, n, options, 'changelog'))
  }

  /** Pairs rows of two streams that have one key: see {@link KeyedStream.join}. */
  join<R, Kind extends JoinKind = 'inner', Out = Joined<T, R, Kind>>(
    right: KeyedStream<R, K> | KeyedChangelogStream<R, K>,
    options?: JoinOptions<T, R, Kind, Out>,
  ): ChangelogStream<Out> {
    return new ChangelogStream(addJoin(this.upstream, right.upstream, options, ['changelog', inputKindOf(right)]))
  }
}
