export { job, isJob, type Flow } from './job.ts'
export { BroadcastStream } from './streams/broadcast-stream.ts'
export { ChangelogStream } from './streams/changelog-stream.ts'
export { KeyedChangelogStream } from './streams/keyed-changelog-stream.ts'
export { KeyedStream } from './streams/keyed-stream.ts'
export { Stream } from './streams/stream.ts'
export { RetractingWindowedStream, WindowedStream, type Windowed } from './streams/windowed-stream.ts'
export type { OperatorOptions, Synchronous } from './operators/operator-options.ts'
export type {
  AggregateOptions,
  AggregateResults,
  AggregatesOf,
  KeyedResult,
  RetractableAggregatesOf,
  RunningOptions,
} from './operators/aggregate.ts'
export type { AssignTimestampsOptions } from './operators/assign-timestamps.ts'
export type { ConnectSpec } from './operators/connect.ts'
export type {
  BroadcastContext,
  BroadcastReader,
  ConnectBroadcastSpec,
  KeyedConnectBroadcastSpec,
} from './operators/connect-broadcast.ts'
export type { DeduplicateOptions } from './operators/deduplicate.ts'
export type { ComparedBy, DistinctUntilChangedOptions } from './operators/distinct-until-changed.ts'
export type { IntervalJoinOptions, SignedDuration } from './operators/interval-join.ts'
export type { Combine, Joined, JoinKind } from './operators/join-kinds.ts'
export type { JoinOptions } from './operators/join.ts'
export type { LookupCache, LookupOptions } from './operators/lookup.ts'
export type { AsyncCache, AsyncContext, MapAsyncOptions } from './operators/map-async.ts'
export type {
  ProcessContext,
  ProcessSpec,
  RecordContext,
  RecordProcessSpec,
  Results,
  TimerContext,
  Timers,
} from './operators/process.ts'
export type { ReduceOptions } from './operators/reduce.ts'
export type { SampleOptions } from './operators/sample.ts'
export type { TemporalJoinOptions } from './operators/temporal-join.ts'
export type { ThrottleOptions } from './operators/throttle.ts'
export type { Ranked, RankedBy, TopNOptions } from './operators/top-n.ts'
export type { WindowJoinOptions } from './operators/window-join.ts'
export type { Pane, Panes, WindowOptions, WindowResult } from './operators/window.ts'
export type { Migration, VersionOptions } from './migration.ts'
export { sideOutput, type SideOutput } from './side-output.ts'
export {
  state,
  type ListState,
  type MapState,
  type ReadonlyStatesOf,
  type ReducingState,
  type StateOptions,
  type StatesOf,
  type StateSpec,
  type StateSpecs,
  type ValuesStateOptions,
  type ValueState,
} from './state.ts'
export { calendar, type CalendarOptions, type CalendarUnit, type CalendarWindower } from './windows/calendar.ts'
export { countWindow, type CountWindower } from './windows/count.ts'
export { globalWindow, type GlobalWindower } from './windows/global.ts'
export { session, type SessionWindower } from './windows/session.ts'
export { sliding, type SlidingOptions, type SlidingWindower } from './windows/sliding.ts'
export { tumbling, type TumblingOptions, type TumblingWindower } from './windows/tumbling.ts'
export type { TimeWindow, TimeWindower, Windower, WindowOf, WindowTime } from './windows/windower.ts'
export type { TriggerAction, TriggerContext, TriggerSpec } from './triggers/custom.ts'
export { early } from './triggers/early.ts'
export { late } from './triggers/late.ts'
export type { TriggerChoice } from './triggers/resolve-trigger.ts'
export type { EarlyTrigger, LateTrigger, Trigger, TriggerOptions } from './triggers/trigger-options.ts'
export { trigger } from './triggers/trigger.ts'
export { approxDistinctCount, type ApproxDistinctCountOptions } from './aggregates/approx-distinct-count.ts'
export { collect, first, last, stringJoin } from './aggregates/arrivals.ts'
export { count, countIf } from './aggregates/count.ts'
export { distinctCount } from './aggregates/distinct-count.ts'
export { maxBy, minBy } from './aggregates/extreme-records.ts'
export { max, min } from './aggregates/extremes.ts'
export { fold, type FoldOptions } from './aggregates/fold.ts'
export { median, quantiles, type QuantilesOptions } from './aggregates/quantiles.ts'
export { avg, sum } from './aggregates/sum.ts'
export { topN } from './aggregates/top-n.ts'
export { stddev, variance, type VarianceOptions } from './aggregates/variance.ts'
export { where } from './aggregates/where.ts'
export { json, text, type Format, type ValueFormat } from './formats.ts'
export type { EventTimeOptions, SourceAlignment, SourceTimeOptions } from './source-time.ts'
export { timestamp } from './timestamp.ts'
export type { Validation, ValidationOptions } from './validation.ts'
export type { CustomWatermark, FieldWatermark, Watermark, WatermarkKind } from './watermarks.ts'
export { generator, type GeneratorContext, type GeneratorOptions } from './connectors/generator.ts'
export { shopEvents, type ShopEvent, type ShopOptions } from './connectors/shop.ts'
export { files, type FilesSinkOptions } from './connectors/files.ts'
export { ingest, type IngestSourceOptions } from './connectors/ingest.ts'
export { http, type HttpSinkOptions } from './connectors/http.ts'
export {
  kafka,
  type KafkaRecord,
  type KafkaSinkOptions,
  type KafkaSourceOptions,
  type KafkaStart,
  type KafkaUpsertSinkOptions,
} from './connectors/kafka.ts'
export {
  mysql,
  type MysqlChangelogSinkOptions,
  type MysqlLookupOptions,
  type MysqlSinkOptions,
  type MysqlValue,
} from './connectors/mysql.ts'
export {
  redis,
  type RedisFieldsSinkOptions,
  type RedisGetLookupOptions,
  type RedisHashLookupOptions,
  type RedisValueSinkOptions,
} from './connectors/redis.ts'
export { table, type TableSinkOptions } from './connectors/table.ts'
export { wasm, type WasmFunction, type WasmOptions } from './wasm/wasm.ts'
export type { WasmAggregateOptions } from './wasm/aggregate-form.ts'
export type { WasmBytesOptions } from './wasm/bytes-form.ts'
export type { WasmColumnsOptions } from './wasm/columns-form.ts'
export { durationMs, type Duration } from './duration.ts'
export type * from './schema.ts'
export * from './graph.ts'
export { changeKinds } from './definition.ts'
export type * from './definition.ts'
export * from './errors/lightflus-error.ts'
export { catalogue, type ErrorCode, type PlatformErrorCode } from './errors/catalogue.ts'
