import type { Graph, OperatorKind, OperatorNode } from './graph.ts'
import type { StandardSchema } from './schema.ts'

/** What state may belong to. Two keys are one key when they are equal by `===`. */
export type Key = string | number | boolean

/**
 * How one aggregate folds records. Accumulators change in place where they are objects, so `add` returns the
 * accumulator to go on with; they hold only what structured clone can copy, since they are snapshotted as they are.
 */
export interface Aggregate<In = any, Acc = any, Out = any> {
  readonly create: () => Acc
  readonly add: (accumulator: Acc, value: In) => Acc
  /** Joins two accumulators of disjoint records: for merging windows and rescaling. */
  readonly merge: (a: Acc, b: Acc) => Acc
  readonly result: (accumulator: Acc) => Out
}

/** The live closures of an operator, by its kind. */
export interface OperatorFunctions {
  readonly source: SourceFunctions
  readonly map: { readonly fn: (value: any) => unknown }
  readonly flatMap: { readonly fn: (value: any) => Iterable<unknown> }
  readonly filter: { readonly fn: (value: any) => boolean }
  readonly keyBy: { readonly key: (value: any) => Key }
  readonly reduce: { readonly fn: (a: any, b: any) => unknown }
  readonly aggregate: { readonly aggregates: Readonly<Record<string, Aggregate>> }
  /** A window holds either several named aggregates or one reduce function. */
  readonly window: {
    readonly aggregates?: Readonly<Record<string, Aggregate>>
    readonly reduce?: (a: any, b: any) => unknown
  }
  readonly sink: SinkFunctions
}

export interface SourceFunctions {
  /** Turns a payload (bytes or text) into a value; absent where the connector yields values itself (generator). */
  readonly decode?: (payload: any) => unknown
  /** Validates the decoded value, and may transform it. */
  readonly schema?: StandardSchema
  /** Event time in milliseconds since the epoch; absent: the record's own timestamp, if the connector has one. */
  readonly eventTime?: (value: any) => number
  /** What else the connector wants from the program, by name. */
  readonly connector?: Readonly<Record<string, (...args: any[]) => unknown>>
}

/** What a sink's connector wants from the program, by name: `key`, `value`, `headers`, `row` … */
export type SinkFunctions = Readonly<Record<string, (value: any) => unknown>>

/** An operator as the program made it: the data that the graph shows, and the closures that it cannot. */
export interface OperatorDefinition<Kind extends OperatorKind = OperatorKind> {
  readonly node: OperatorNode & { readonly kind: Kind }
  readonly functions: OperatorFunctions[Kind]
}

/** What `job(...).build()` yields: the graph, and the closures by operator id. */
export interface BuiltJob {
  readonly name: string
  readonly graph: Graph
  readonly operators: ReadonlyMap<string, OperatorDefinition>
}

export interface JobDefinition {
  readonly name: string
  /** Runs the program's build function. Called anew for every subtask, so closures are never shared. */
  build(): BuiltJob
}

/** Default of `onError`: what happens to a record on which a user's function throws or which cannot be decoded. */
export type OnError = 'fail' | 'skip'

/** What a connector's factory in this library makes, and `flow.source` takes. `T` is the record's type. */
export interface SourceDeclaration<T> {
  readonly connector: string
  readonly connection?: string
  readonly options: OperatorNode['options']
  readonly functions: SourceFunctions
  /** Carries the record's type; never set. */
  readonly '~record'?: T
}

/** What a connector's factory in this library makes, and `sinkTo` takes. `T` is the record's type. */
export interface SinkDeclaration<T> {
  readonly connector: string
  readonly connection?: string
  readonly options: OperatorNode['options']
  readonly functions: SinkFunctions
  /** Carries the record's type, contravariantly; never set. */
  readonly '~record'?: (record: T) => void
}
