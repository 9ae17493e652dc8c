import type { Key } from '../definition.ts'
import { collect } from '../aggregates/arrivals.ts'
import { aggregateNames, type AggregateResults, type AggregatesOf } from '../operators/aggregate.ts'
import { addFlatMap } from '../operators/flat-map.ts'
import { requireFunction } from '../operators/operator-options.ts'
import { versionOf, type VersionOptions } from '../migration.ts'
import type { AddWindow, Panes, WindowOptions, WindowResult } from '../operators/window.ts'
import type { ChangelogStream } from './changelog-stream.ts'
import type { Stream } from './stream.ts'
import type { Upstream } from './upstream.ts'

/** Records in windows, waiting to hear what to make of each window. `K` is null where they have no key. */
export class WindowedStream<T, K extends Key | null, W> {
  readonly #add: AddWindow

  /** @internal Made by `window`. */
  constructor(add: AddWindow) {
    this.#add = add
  }

  /** Several aggregates for each key and window. */
  aggregate<A extends AggregatesOf<T>>(aggregates: A): Stream<WindowResult<K, W> & AggregateResults<A>> {
    return this.#stream(aggregateEnd(this.#add, aggregates))
  }

  /**
   * Folds each key's and window's records into one of the same type. Windows share work: the function must be associative,
   * and must not change what it is given.
   */
  reduce(fn: (a: T, b: T) => T, options?: VersionOptions<T>): Stream<WindowResult<K, W> & { readonly value: T }> {
    return this.#stream(reduceEnd(this.#add, fn, options))
  }

  /** A function of the whole window: all its records are kept until it fires, so prefer aggregates where they will do. */
  process<R>(fn: (window: WindowResult<K, W> & { readonly records: readonly T[] }) => Iterable<R>): Stream<R> {
    requireFunction('window.process', fn)
    const window = aggregateEnd(this.#add, { records: collect<T>() })
    return this.#stream({ ...addFlatMap(window, fn, undefined), sideOutputsFrom: window.edge.from })
  }

  #stream<R>(end: Upstream): Stream<R> {
    return end.streams.plain(end)
  }
}

/** The same with panes that take the one before back: what it emits is a changelog. */
export class RetractingWindowedStream<T, K extends Key | null, W> {
  readonly #add: AddWindow

  /** @internal Made by `window` with `panes: 'retracting'`. */
  constructor(add: AddWindow) {
    this.#add = add
  }

  aggregate<A extends AggregatesOf<T>>(aggregates: A): ChangelogStream<WindowResult<K, W> & AggregateResults<A>> {
    const end = aggregateEnd(this.#add, aggregates)
    return end.streams.changelog(end)
  }

  reduce(
    fn: (a: T, b: T) => T,
    options?: VersionOptions<T>,
  ): ChangelogStream<WindowResult<K, W> & { readonly value: T }> {
    const end = reduceEnd(this.#add, fn, options)
    return end.streams.changelog(end)
  }
}

/** What `window` makes: a changelog follows where panes retract. */
export type Windowed<T, K extends Key | null, W, P extends Panes> = [P] extends ['retracting']
  ? RetractingWindowedStream<T, K, W>
  : WindowedStream<T, K, W>

/** @internal The kind that the options ask for. */
export function windowed<T, K extends Key | null, W, P extends Panes>(
  add: AddWindow,
  options: WindowOptions<T, P> | undefined,
): Windowed<T, K, W, P> {
  const made = options?.panes === 'retracting' ? new RetractingWindowedStream(add) : new WindowedStream(add)
  return made as Windowed<T, K, W, P>
}

function aggregateEnd(add: AddWindow, aggregates: AggregatesOf<any>): Upstream {
  return add({ functions: { aggregates }, aggregates: aggregateNames('window', aggregates, ['key', 'window', 'pane']) })
}

function reduceEnd(
  add: AddWindow,
  fn: (a: any, b: any) => unknown,
  options: VersionOptions<any> | undefined,
): Upstream {
  requireFunction('window', fn)
  const { version, migrate } = versionOf('window', options ?? {})
  return add({
    functions: { reduce: fn, ...(migrate && { migrate }) },
    aggregates: null,
    ...(version !== undefined && { version }),
  })
}
