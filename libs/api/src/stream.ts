import type { Aggregate, Key, OnError, SinkDeclaration } from './definition.ts'
import type { Duration } from './duration.ts'
import type { OperatorKind } from './graph.ts'
import type { OperatorFunctions } from './definition.ts'
import { LightflusError } from './errors/lightflus-error.ts'
import type { GraphBuilder } from './internal/graph-builder.ts'
import { duration, fn, oneOf, optional, resolveOptions, text } from './internal/options.ts'
import type { Windower } from './windows.ts'

/** What every operator takes. */
export interface OperatorOptions {
  /** The operator's stable identity: in metrics, in messages, and for its state across versions. Default: kind and number. */
  readonly name?: string
  /**
   * What happens to a record on which a function of the program throws. `'fail'` (default): the job ends FAILED, the
   * record named. `'skip'`: it is left out and counted in `recordsSkipped`.
   */
  readonly onError?: OnError
}

export const nameRule = optional(text(/^[A-Za-z0-9][\w.-]{0,62}$/, 'letters, digits, _ . and -, 63 at most'), undefined)
export const onErrorRule = optional(oneOf('fail', 'skip'), 'fail' as const)
const operatorRules = { name: nameRule, onError: onErrorRule }

/** A function of the program must not return a promise: a record never waits for one. */
export type Synchronous<R> = R extends PromiseLike<unknown> ? never : R

/** What a keyed aggregate emits: the key beside the named results. */
export type AggregateResult<K extends Key, A extends AggregatesOf<any>> = { readonly key: K } & {
  readonly [Name in keyof A]: A[Name] extends Aggregate<any, any, infer Out> ? Out : never
}
export type AggregatesOf<T> = Readonly<Record<string, Aggregate<T, any, any>>>

/** Start (inclusive) and end (exclusive) of a window, milliseconds since the epoch. */
export interface TimeWindow {
  readonly start: number
  readonly end: number
}

export interface WindowOptions extends OperatorOptions {
  /**
   * How long behind the watermark a record still counts; its window then emits its corrected result again. Records later
   * than that are dropped and counted in `recordsLate`. Default 0. Raise it when late records matter more than the
   * memory of windows kept open.
   */
  readonly allowedLateness?: Duration
}

/** Records of one type, in no order but that of their source's partition. Every method adds an operator to the job's graph. */
export class Stream<T> {
  readonly #builder: GraphBuilder
  readonly #operator: string

  /** @internal Streams are made by `flow.source` and by operators. */
  constructor(builder: GraphBuilder, operator: string) {
    this.#builder = builder
    this.#operator = operator
  }

  /** One record for each record. @example stream.map((order) => order.amount * 100) */
  map<R>(fn: (value: T) => Synchronous<R>, options?: OperatorOptions): Stream<R> {
    return new Stream(this.#builder, this.#add('map', { fn }, options))
  }

  /** Any number of records for each record. @example lines.flatMap((line) => line.split(' ')) */
  flatMap<R>(fn: (value: T) => Iterable<R>, options?: OperatorOptions): Stream<R> {
    return new Stream(this.#builder, this.#add('flatMap', { fn }, options))
  }

  /** Only the records that pass; a type guard narrows their type. @example stream.filter((order) => order.amount > 0) */
  filter<S extends T>(fn: (value: T) => value is S, options?: OperatorOptions): Stream<S>
  filter(fn: (value: T) => boolean, options?: OperatorOptions): Stream<T>
  filter(fn: (value: T) => boolean, options?: OperatorOptions): Stream<T> {
    return new Stream(this.#builder, this.#add('filter', { fn }, options))
  }

  /** The same records, spread over subtasks by key: what state belongs to from here on. @example orders.keyBy((order) => order.user) */
  keyBy<K extends Key>(key: (value: T) => K, options?: OperatorOptions): KeyedStream<T, K> {
    return new KeyedStream(this.#builder, this.#add('keyBy', { key }, options))
  }

  /** Writes every record to a sink. A stream may have several sinks, and go on beside them. */
  sinkTo(sink: SinkDeclaration<T>, options?: OperatorOptions): void {
    const { name, onError } = resolveOptions('sinkTo', options, operatorRules)
    this.#builder.add({
      kind: 'sink',
      name,
      connector: sink.connector,
      connection: sink.connection,
      options: { ...sink.options, onError },
      functions: sink.functions,
      input: this.#operator,
    })
  }

  #add<Kind extends 'map' | 'flatMap' | 'filter' | 'keyBy'>(
    kind: Kind,
    functions: OperatorFunctions[Kind],
    options: OperatorOptions | undefined,
  ): string {
    for (const given of Object.values(functions)) requireFunction(kind, given)
    const { name, onError } = resolveOptions(kind, options, operatorRules)
    return this.#builder.add({ kind, name, options: { onError }, functions, input: this.#operator })
  }
}

/** Records that belong to keys: the place for state. */
export class KeyedStream<T, K extends Key> {
  readonly #builder: GraphBuilder
  readonly #operator: string

  /** @internal Made by {@link Stream.keyBy}. */
  constructor(builder: GraphBuilder, operator: string) {
    this.#builder = builder
    this.#operator = operator
  }

  /**
   * Folds the records of each key into one of the same type; emits the value so far for every record.
   * @example orders.keyBy((o) => o.user).reduce((a, b) => (a.amount > b.amount ? a : b))
   */
  reduce(fn: (a: T, b: T) => T, options?: OperatorOptions): Stream<{ readonly key: K; readonly value: T }> {
    requireFunction('reduce', fn)
    const { name, onError } = resolveOptions('reduce', options, operatorRules)
    return new Stream(this.#builder, this.#keyed('reduce', name, { onError }, { fn }))
  }

  /**
   * Several aggregates for each key; emits all of them so far for every record.
   * @example words.keyBy((word) => word).aggregate({ count: count() })
   */
  aggregate<A extends AggregatesOf<T>>(aggregates: A, options?: OperatorOptions): Stream<AggregateResult<K, A>> {
    const names = aggregateNames('aggregate', aggregates, ['key'])
    const { name, onError } = resolveOptions('aggregate', options, operatorRules)
    return new Stream(this.#builder, this.#keyed('aggregate', name, { onError, aggregates: names }, { aggregates }))
  }

  /** Cuts each key's records into windows of event time. @example orders.keyBy((o) => o.user).window(tumbling('1m')) */
  window(windower: Windower, options?: WindowOptions): WindowedStream<T, K> {
    const { name, onError, allowedLateness } = resolveOptions('window', options, {
      ...operatorRules,
      allowedLateness: optional(duration(), 0),
    })
    return new WindowedStream(
      (functions, aggregates) =>
        new Stream(
          this.#builder,
          this.#keyed(
            'window',
            name,
            { onError, windower: { ...windower }, allowedLatenessMs: allowedLateness, aggregates },
            functions,
          ),
        ),
    )
  }

  #keyed<Kind extends OperatorKind>(
    kind: Kind,
    name: string | undefined,
    options: Parameters<GraphBuilder['add']>[0]['options'],
    functions: OperatorFunctions[Kind],
  ): string {
    return this.#builder.add({ kind, name, options, functions, input: this.#operator, exchange: 'keyed' })
  }
}

type AddWindow = (functions: OperatorFunctions['window'], aggregates: readonly string[] | null) => Stream<any>

/** Keyed records in windows, waiting to hear what to make of each window. */
export class WindowedStream<T, K extends Key> {
  readonly #add: AddWindow

  /** @internal Made by {@link KeyedStream.window}. */
  constructor(add: AddWindow) {
    this.#add = add
  }

  /** Several aggregates for each key and window, emitted when the watermark passes the window's end. */
  aggregate<A extends AggregatesOf<T>>(aggregates: A): Stream<AggregateResult<K, A> & { readonly window: TimeWindow }> {
    return this.#add({ aggregates }, aggregateNames('window', aggregates, ['key', 'window']))
  }

  /** Folds each key's and window's records into one of the same type, emitted when the watermark passes the window's end. */
  reduce(fn: (a: T, b: T) => T): Stream<{ readonly key: K; readonly window: TimeWindow; readonly value: T }> {
    requireFunction('window', fn)
    return this.#add({ reduce: fn }, null)
  }
}

function requireFunction(owner: string, given: unknown): void {
  if (typeof given !== 'function')
    throw new LightflusError(
      'LF_PROGRAM_OPTION',
      `${owner}: takes a function, not ${given === null ? 'null' : typeof given}.`,
    )
}

const aggregateRule = { create: fn(), add: fn(), merge: fn(), result: fn() }

function aggregateNames(owner: string, aggregates: AggregatesOf<any>, taken: readonly string[]): readonly string[] {
  const names = Object.keys(aggregates)
  if (names.length === 0) throw new LightflusError('LF_PROGRAM_OPTION', `${owner}: names no aggregate.`)
  for (const name of names) {
    if (taken.includes(name))
      throw new LightflusError(
        'LF_PROGRAM_OPTION',
        `${owner}: an aggregate cannot be named '${name}': results have that field already.`,
      )
    resolveOptions(`${owner}: aggregate '${name}'`, aggregates[name], aggregateRule)
  }
  return names
}
