import type { Graph, OperatorKind, OperatorNode } from './graph.ts'
import type { Migration, VersionOptions } from './migration.ts'
import type { ComparedBy } from './operators/distinct-until-changed.ts'
import type { RankedBy } from './operators/top-n.ts'
import type { StandardSchema } from './schema.ts'
import type { CustomWatermark, FieldWatermark } from './watermarks.ts'

/** What state may belong to. Two keys are one key when they are equal by `===`. */
export type Key = string | number | boolean

/** What a record of a changelog says, as Flink's RowKind does: an update is its old row taken back and its new one. */
export const changeKinds = ['insert', 'updateBefore', 'updateAfter', 'delete'] as const
export type ChangeKind = (typeof changeKinds)[number]

/**
 * How one aggregate folds records. Accumulators change in place where they are objects, so `add` returns the
 * accumulator to go on with; they hold only what structured clone can copy, since they are snapshotted as they are.
 */
export interface Aggregate<In = any, Acc = any, Out = any> extends VersionOptions<Acc> {
  /** What its accumulators are, in words that a checkpoint keeps: those of another form under the same name are refused. */
  readonly form?: string
  readonly create: () => Acc
  readonly add: (accumulator: Acc, value: In) => Acc
  /** Joins two accumulators of disjoint records, those of `a` before those of `b`; may change and return `a`, never `b`. */
  readonly merge: (a: Acc, b: Acc) => Acc
  /** Leaves the accumulator as it is: it may go on being added to. */
  readonly result: (accumulator: Acc) => Out
  /** Takes a record back that was added before: what aggregates over changelogs need. */
  readonly retract?: (accumulator: Acc, value: In) => Acc
  /** What takes its place over a changelog, where taking back asks for more state than adding does. */
  readonly overChangelog?: RetractableAggregate<In, any, Out>
  /** Its accumulator grows with every record, so that many joined ones cost more than joining them anew. */
  readonly grows?: boolean
  /** Where its accumulator is numbers only: what they are, so that state may keep them in columns instead of objects. */
  readonly columns?: AggregateColumns
  /** The functions that it calls with a record; it does nothing else with one. Absent: it may keep the record itself. */
  readonly looksAt?: readonly ((value: any) => unknown)[]
}

/** An aggregate whose accumulator is a few numbers, said as data: the same as its functions do with an accumulator. */
export interface AggregateColumns {
  /** `avg`: sum, what rounding has lost of it, count. `moments`: count, mean, sum of squared distances. Else one number. */
  readonly kind: 'count' | 'sum' | 'min' | 'max' | 'avg' | 'moments'
  /** The number of a record, which has to be finite; absent of counts. */
  readonly of?: (value: any) => number
  /** A record is taken in where all of them say so, asked in this order; the others leave the accumulator as it is. */
  readonly passes: readonly ((value: any) => boolean)[]
}

/** An aggregate that can take records back, so that it may stand over a changelog. */
export type RetractableAggregate<In = any, Acc = any, Out = any> = Aggregate<In, Acc, Out> &
  Required<Pick<Aggregate<In, Acc, Out>, 'retract'>>

/** An aggregate that may stand over a changelog, by itself or by what takes its place there. */
export type ChangelogAggregate<In = any, Out = any> =
  | RetractableAggregate<In, any, Out>
  | (Aggregate<In, any, Out> & Required<Pick<Aggregate<In, any, Out>, 'overChangelog'>>)

/** A function of records that can also take a whole batch at once, and then gives the same results. */
export type BatchFunction<T = any, R = unknown> = ((record: T) => R) & {
  readonly batch: (records: readonly T[]) => R[]
}

/** The live closures of an operator, by its kind. Beside them stand its options, JSON in the graph. */
export interface OperatorFunctions {
  readonly source: SourceFunctions
  readonly map: { readonly fn: (value: any) => unknown }
  readonly flatMap: { readonly fn: (value: any) => Iterable<unknown> }
  readonly filter: { readonly fn: (value: any) => boolean }
  readonly keyBy: { readonly key: (value: any) => Key }
  readonly reduce: { readonly fn: (a: any, b: any) => unknown; readonly migrate?: Migration<any> }
  readonly aggregate: { readonly aggregates: Readonly<Record<string, Aggregate>> }
  readonly window: WindowFunctions
  readonly union: Record<never, never>
  readonly process: ProcessFunctions
  readonly connect: ConnectFunctions
  readonly connectBroadcast: ConnectBroadcastFunctions
  readonly mapAsync: {
    readonly fn: (value: any, context: { readonly signal: AbortSignal }) => PromiseLike<unknown>
    /** What results are remembered by; absent: they are not. */
    readonly cacheKey?: (value: any) => string | number
  }
  readonly lookup: LookupFunctions
  readonly sample: Record<never, never>
  readonly throttle: Record<never, never>
  readonly deduplicate: Record<never, never>
  readonly distinctUntilChanged: {
    /** What is compared; absent: the whole record. */
    readonly by?: (value: any) => ComparedBy
  }
  readonly topN: { readonly by: (value: any) => RankedBy }
  readonly windowJoin: WindowJoinFunctions
  readonly intervalJoin: JoinFunctions
  readonly join: JoinFunctions
  readonly temporalJoin: JoinFunctions
  readonly changes: Record<never, never>
  readonly assignTimestamps: Required<Pick<SourceFunctions, 'eventTime'>> & Pick<SourceFunctions, 'watermark'>
  readonly sink: SinkFunctions
}

/** A window holds either several named aggregates or one reduce function. */
export interface WindowFunctions {
  readonly aggregates?: Readonly<Record<string, Aggregate>>
  readonly reduce?: (a: any, b: any) => unknown
  /** Of what `reduce` has made. */
  readonly migrate?: Migration<any>
  /** Of sessions whose gap depends on the record: milliseconds. */
  readonly gap?: (value: any) => number
  /** Of triggers that the program made, by their place in the trigger's description. */
  readonly triggers?: Readonly<Record<string, Readonly<Record<string, (...args: any[]) => unknown>>>>
}

export type Migrations = Readonly<Record<string, Migration<any>>>

/** State and timers of {@link OperatorFunctions.process}: see `operators/process.ts`. */
export interface ProcessFunctions {
  readonly onRecord: (value: any, context: any) => Iterable<unknown> | void
  readonly onTimer?: (time: number, context: any) => Iterable<unknown> | void
  /** Folds of reducing states, by the state's name. */
  readonly reducers: Readonly<Record<string, Aggregate>>
  /** Of the states that have one, by name. Absent: none has. */
  readonly migrations?: Migrations
}

export interface ConnectFunctions extends Omit<ProcessFunctions, 'onRecord'> {
  readonly onLeft: (value: any, context: any) => Iterable<unknown> | void
  readonly onRight: (value: any, context: any) => Iterable<unknown> | void
}

export interface ConnectBroadcastFunctions extends ProcessFunctions {
  readonly onBroadcast: (value: any, context: any) => Iterable<unknown> | void
  /** As `reducers`, of the broadcast state. */
  readonly broadcastReducers: Readonly<Record<string, Aggregate>>
  readonly broadcastMigrations?: Migrations
}

export interface LookupFunctions {
  /** What is asked for; null or undefined: nothing is. */
  readonly key: (value: any) => Key | null | undefined
  /** What becomes of the record and what was found for it. */
  readonly combine: (value: any, found: any) => unknown
  /** Turns what was found (text, a row) into a value; absent where the connector yields values itself. */
  readonly decode?: (payload: any) => unknown
  /** Validates the value, and may transform it. */
  readonly schema?: StandardSchema
  /** What else the connector wants from the program, by name. */
  readonly connector?: Readonly<Record<string, (...args: any[]) => unknown>>
}

export interface JoinFunctions {
  /** One record out of a pair; where an outer join finds no partner, that side is null. */
  readonly combine: (left: any, right: any) => unknown
}

export interface WindowJoinFunctions {
  readonly combine: (left: any, right: any, window: any) => unknown
  /** Of sessions whose gap depends on the record: milliseconds. */
  readonly gap?: (value: any) => number
}

export interface SourceFunctions {
  /** Turns a payload (bytes or text) into a value; absent where the connector yields values itself (generator). */
  readonly decode?: (payload: any) => unknown
  /** `decode` is JSON.parse of UTF-8 text, so that less than all of a payload may be decoded. */
  readonly format?: 'json'
  /** Validates the decoded value, and may transform it. */
  readonly schema?: StandardSchema
  /** Event time in milliseconds since the epoch; absent: the record's own timestamp, if the connector has one. */
  readonly eventTime?: (value: any) => number
  /** Of the watermark strategies that have functions. */
  readonly watermark?: FieldWatermark<any> | CustomWatermark<any, any>
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
  /** Whether it ends by itself. A job of bounded sources only emits each result once, final. */
  readonly bounded: boolean
  readonly connection?: string
  readonly options: OperatorNode['options']
  readonly functions: SourceFunctions
  /** Carries the record's type; never set. */
  readonly '~record'?: T
}

/**
 * What a connector's factory in this library makes, and `sinkTo` takes. `T` is the record's type. A sink that `accepts`
 * changes can take rows back; the others are given inserts only.
 */
export interface SinkDeclaration<T, Accepts extends 'inserts' | 'changes' = 'inserts' | 'changes'> {
  readonly accepts: Accepts
  readonly connector: string
  readonly connection?: string
  readonly options: OperatorNode['options']
  readonly functions: SinkFunctions
  /** Carries the record's type, contravariantly; never set. */
  readonly '~record'?: (record: T) => void
}

/** What a connector's factory in this library makes, and `lookup` takes. `R` is what it finds. */
export interface LookupDeclaration<R> {
  readonly connector: string
  readonly connection?: string
  readonly options: OperatorNode['options']
  readonly functions: Omit<LookupFunctions, 'key' | 'combine'>
  /** Carries the type of what is found; never set. */
  readonly '~found'?: R
}
