import type { SinkDeclaration, SourceDeclaration } from '../definition.ts'
import { decodeValue, decoding, isValueFormat, json, text as textFormat, type ValueFormat } from '../formats.ts'
import { fitting, flag, fn, oneOf, optional, resolveOptions, text } from '../internal/options.ts'
import { sourceTime, sourceTimeRules, timeFunctions, type SourceTimeOptions } from '../source-time.ts'
import { validating, validationForm, validationRule, type ValidationOptions } from '../validation.ts'

/** A Kafka record with all that comes beside its value. */
export interface KafkaRecord<T> {
  readonly key: string | null
  /** Null: a tombstone. */
  readonly value: T | null
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds since the epoch, as the producer or the broker set it. */
  readonly timestamp: number
  readonly partition: number
  /** A 64-bit number as text. */
  readonly offset: string
}

/** Where reading begins on a fresh start; a restored job goes on where its checkpoint says. */
export type KafkaStart = 'earliest' | 'latest' | 'committed' | { readonly timestamp: number }

export interface KafkaSourceOptions<T> extends ValidationOptions {
  /** Name of the connection: where the brokers are, and how to sign in. */
  readonly connection: string
  readonly topic: string
  /** A schema (of JSON) or a format: {@link json}, {@link text}. */
  readonly value: ValueFormat<T>
  /** Default `'earliest'`. `'committed'` needs a group. */
  readonly start?: KafkaStart
  /** Consumer group to which positions are committed after each checkpoint, for display in Kafka's tools. Default: none. */
  readonly group?: string
  /** Read up to the ends found at the start, then end. Default false. */
  readonly bounded?: boolean
}

const isStart = (value: unknown): value is KafkaStart =>
  value === 'earliest' ||
  value === 'latest' ||
  value === 'committed' ||
  (typeof value === 'object' && value !== null && Number.isFinite((value as { timestamp?: unknown }).timestamp))

const sourceRules = {
  ...sourceTimeRules,
  connection: text(),
  topic: text(),
  value: fitting(isValueFormat, 'a schema or a format'),
  start: optional(fitting(isStart, "'earliest', 'latest', 'committed' or { timestamp }"), 'earliest' as const),
  group: optional(text(), null),
  bounded: optional(flag(), false),
  envelope: optional(flag(), false),
  validate: validationRule,
}

interface RawRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: Readonly<Record<string, Uint8Array | string>>
  readonly timestamp: number
  readonly partition: number
  readonly offset: string
}

function envelopeOf<T>(format: ValueFormat<T>): (raw: RawRecord) => KafkaRecord<T> {
  const asText = textFormat().decode
  return (raw) => ({
    ...raw,
    key: raw.key === null ? null : asText(raw.key),
    value: raw.value === null ? null : decodeValue(format, raw.value),
    headers: Object.fromEntries(Object.entries(raw.headers).map(([name, value]) => [name, asText(value)])),
  })
}

/** Values alone. A record without a value (a tombstone) cannot be decoded then: take the envelope where there are any. */
function source<T>(
  options: KafkaSourceOptions<T> & SourceTimeOptions<NoInfer<T>> & { readonly envelope?: false },
): SourceDeclaration<T>
/** Whole records: key, value, headers, timestamp, partition and offset. */
function source<T>(
  options: KafkaSourceOptions<T> & SourceTimeOptions<KafkaRecord<NoInfer<T>>> & { readonly envelope: true },
): SourceDeclaration<KafkaRecord<T>>
function source(options: object): SourceDeclaration<any> {
  const resolved = resolveOptions('kafka.source', options, sourceRules)
  const { connection, topic, value, start, group, bounded, envelope, validate } = resolved
  if (start === 'committed')
    resolveOptions("kafka.source with start 'committed'", group === null ? {} : { group }, { group: text() })
  return {
    connector: 'kafka',
    bounded: resolved.bounded,
    connection,
    options: {
      ...sourceTime('kafka.source', resolved, bounded),
      ...validationForm('kafka.source', validate, value),
      connector: {
        topic,
        start: typeof start === 'string' ? start : { timestamp: start.timestamp },
        group,
        bounded,
        envelope,
      },
    },
    functions: {
      ...(envelope
        ? { decode: envelopeOf(validate === 'off' ? json() : value) }
        : validating(validate, decoding(value))),
      ...timeFunctions(resolved),
    },
  }
}

export interface KafkaSinkOptions<T> {
  readonly connection: string
  readonly topic: string
  /** The value: text, bytes, an object (written as JSON), or null for a tombstone. */
  readonly value: (record: T) => string | Uint8Array | object | null
  /** Default: none. */
  readonly key?: (record: T) => string | Uint8Array | null
  readonly headers?: (record: T) => Readonly<Record<string, string>>
  /** Number of the partition. Default: Kafka's own choice, by the key's hash. */
  readonly partition?: (record: T) => number
  /** Of whole batches. zstd takes a fraction of gzip's time and is mostly smaller. Default `'none'`. */
  readonly compression?: 'none' | 'gzip' | 'zstd'
  /**
   * Whether brokers are told who writes, so that what is sent again after a lost answer is not written twice. Without it a
   * partition's batches also go one at a time. Set false only where the user may not produce idempotently, as with
   * brokers before Kafka 3.0 that lack the permission IdempotentWrite. Default true.
   */
  readonly idempotent?: boolean
  /**
   * With `'exactly-once'` records are seen by readers of committed data (`read_committed`) only once the checkpoint behind them
   * exists, about one checkpoint late, and each once, whatever fails. Default: exactly once where the job's checkpoints survive
   * the loss of its process (and `idempotent` is not false), else at least once.
   */
  readonly delivery?: 'exactly-once' | 'at-least-once'
  /**
   * Where output is until its checkpoint exists. `'open'`: in the topic, in a transaction that is open until then, for as long
   * as the broker allows (`transaction.max.timeout.ms`): an outage in between must not be longer. `'wal'`: in the checkpoint
   * itself, to be written afterwards; no outage is too long, but at most 64 MiB a subtask can wait. Default `'open'`.
   */
  readonly transactions?: 'open' | 'wal'
}

/** For changelogs, too: a topic that holds the newest row of each key, as compacted topics do. */
export interface KafkaUpsertSinkOptions<T> extends KafkaSinkOptions<T> {
  /** A row that is taken back becomes a tombstone: a record of its key without a value. */
  readonly changelog: 'upsert'
  readonly key: (record: T) => string | Uint8Array
}

const isTrue = (value: unknown): value is true => value === true

const sinkRules = {
  connection: text(),
  topic: text(),
  value: fn<(record: any) => unknown>(),
  key: optional(fn<(record: any) => unknown>(), undefined),
  headers: optional(fn<(record: any) => unknown>(), undefined),
  partition: optional(fn<(record: any) => unknown>(), undefined),
  compression: optional(oneOf('none', 'gzip', 'zstd'), 'none' as const),
  idempotent: optional(flag(), true),
  delivery: optional(oneOf('exactly-once', 'at-least-once'), undefined),
  transactions: optional(oneOf('open', 'wal'), undefined),
  changelog: optional(oneOf('upsert'), null),
}

/** With `changelog: 'upsert'`: rows that come, change and go. */
function sink<T>(options: KafkaUpsertSinkOptions<T>): SinkDeclaration<T, 'changes'>
/** Without: records, one after the other. */
function sink<T>(options: KafkaSinkOptions<T>): SinkDeclaration<T, 'inserts'>
function sink(options: object): SinkDeclaration<any> {
  const resolved = resolveOptions('kafka.sink', options, sinkRules)
  const { connection, topic, compression, idempotent, changelog, value, key, headers, partition } = resolved
  const { delivery, transactions } = resolved
  if (delivery === 'exactly-once')
    resolveOptions("kafka.sink with delivery 'exactly-once'", { idempotent }, { idempotent: fitting(isTrue, 'true') })
  if (transactions === 'wal' && delivery !== undefined)
    resolveOptions("kafka.sink with transactions 'wal'", { delivery }, { delivery: oneOf('exactly-once') })
  if (changelog === 'upsert') resolveOptions("kafka.sink with changelog 'upsert'", key ? { key } : {}, { key: fn() })
  return {
    accepts: changelog === 'upsert' ? 'changes' : 'inserts',
    connector: 'kafka',
    connection,
    options: {
      connector: {
        topic,
        compression,
        idempotent,
        changelog,
        ...(delivery && { delivery }),
        ...(transactions && { transactions }),
      },
    },
    functions: { value, ...(key ? { key } : {}), ...(headers ? { headers } : {}), ...(partition ? { partition } : {}) },
  }
}

/** Topics of a Kafka cluster. */
export const kafka = { source, sink }
