export { job, isJob, type Flow } from './job.ts'
export {
  KeyedStream,
  Stream,
  WindowedStream,
  type AggregateResult,
  type AggregatesOf,
  type OperatorOptions,
  type Synchronous,
  type TimeWindow,
  type WindowOptions,
} from './stream.ts'
export { tumbling, type TumblingOptions, type TumblingWindower, type Windower } from './windows.ts'
export { avg, count, max, min, sum } from './aggregates.ts'
export { json, text, type Format, type ValueFormat } from './formats.ts'
export type { SourceTimeOptions } from './source-time.ts'
export { generator, type GeneratorContext, type GeneratorOptions } from './connectors/generator.ts'
export { shopEvents, type ShopEvent, type ShopOptions } from './connectors/shop.ts'
export { files, type FilesSinkOptions } from './connectors/files.ts'
export {
  kafka,
  type KafkaRecord,
  type KafkaSinkOptions,
  type KafkaSourceOptions,
  type KafkaStart,
} from './connectors/kafka.ts'
export { mysql, type MysqlSinkOptions, type MysqlValue } from './connectors/mysql.ts'
export { redis, type RedisFieldsSinkOptions, type RedisValueSinkOptions } from './connectors/redis.ts'
export { table, type TableSinkOptions } from './connectors/table.ts'
export { durationMs, type Duration } from './duration.ts'
export type * from './schema.ts'
export * from './graph.ts'
export type * from './definition.ts'
export * from './errors/lightflus-error.ts'
export { catalogue, type ErrorCode, type PlatformErrorCode } from './errors/catalogue.ts'
