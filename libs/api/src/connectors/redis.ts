import type { Key, LookupDeclaration, SinkDeclaration } from '../definition.ts'
import type { Duration } from '../duration.ts'
import { decoding, isSchema, isValueFormat, text as textFormat, type ValueFormat } from '../formats.ts'
import { duration, fitting, fn, oneOf, optional, resolveOptions, text, whole } from '../internal/options.ts'
import type { StandardSchema } from '../schema.ts'

interface Common<T> {
  readonly connection: string
  readonly key: (record: T) => string
  /** How long a key lives after it was last written. Default: for ever. */
  readonly ttl?: Duration
  /**
   * `'exactly-once'`: what is to be written waits in the checkpoint and is written by one script once it exists; it is seen
   * an interval between checkpoints later. Needs a single primary that throws no keys away. Default `'at-least-once'`: at
   * once, and again after a restart, which `set` and `hash` bear.
   */
  readonly delivery?: 'exactly-once' | 'at-least-once'
  /** Of exactly once: what the keys begin with that tell what was committed. Default `'lightflus:'`. */
  readonly markerPrefix?: string
  /**
   * Of exactly once: output of a subtask that may wait for its checkpoint, bytes. From half of it on the job is slowed
   * down; more ends the attempt with LF_SINK_STAGE_FULL. Default 16 MiB, 256 MiB at most: Redis serves nobody else while
   * it is written.
   */
  readonly stagedBytesMax?: number
}
type Fields = Readonly<Record<string, string | number | boolean>>

/** `set` (default) replaces the key's value, `list` appends to a list. */
export type RedisValueSinkOptions<T> = Common<T> & {
  readonly command?: 'set' | 'list'
  readonly value: (record: T) => string | number
}
/** `hash` sets fields, `stream` adds an entry with these fields. */
export type RedisFieldsSinkOptions<T> = Common<T> & {
  readonly command: 'hash' | 'stream'
  readonly value: (record: T) => Fields
}

type UpsertOptions<T> =
  (RedisValueSinkOptions<T> & { readonly command?: 'set' }) | (RedisFieldsSinkOptions<T> & { readonly command: 'hash' })
type AppendOptions<T> =
  | (RedisValueSinkOptions<T> & { readonly command: 'list' })
  | (RedisFieldsSinkOptions<T> & { readonly command: 'stream' })

const sinkRules = {
  connection: text(),
  key: fn<(record: any) => unknown>(),
  value: fn<(record: any) => unknown>(),
  command: optional(oneOf('set', 'hash', 'list', 'stream'), 'set' as const),
  ttl: optional(duration(1), null),
  delivery: optional(oneOf('exactly-once', 'at-least-once'), 'at-least-once' as const),
  markerPrefix: optional(text(), 'lightflus:'),
  stagedBytesMax: optional(whole(2 ** 20, 2 ** 28), 16 * 2 ** 20),
}

/** Keys that are replaced; in a changelog the key of a row that is taken back is deleted. */
function sink<T>(options: UpsertOptions<T>): SinkDeclaration<T, 'changes'>
/** Keys that are appended to. */
function sink<T>(options: AppendOptions<T>): SinkDeclaration<T, 'inserts'>
function sink(options: object): SinkDeclaration<any> {
  const { connection, key, value, ttl, ...connector } = resolveOptions('redis.sink', options, sinkRules)
  const { command } = connector
  return {
    accepts: command === 'set' || command === 'hash' ? 'changes' : 'inserts',
    connector: 'redis',
    connection,
    options: { connector: { ...connector, ttlMs: ttl } },
    functions: { key, value },
  }
}

interface LookupCommon {
  readonly connection: string
  /** The Redis key of what is asked for. Default: that itself, as text. */
  readonly key?: (key: any) => string
}

/** The text that a key holds. */
export type RedisGetLookupOptions<R> = LookupCommon & {
  readonly command?: 'get'
  /** How the text becomes a value: a schema (of JSON) or a format. Default: it stays text. */
  readonly value?: ValueFormat<R>
}
/** The fields of a hash, as texts. */
export type RedisHashLookupOptions<R> = LookupCommon & {
  readonly command: 'hash'
  /** A schema that validates the fields, and may convert them. Default: they are taken as they are. */
  readonly value?: StandardSchema<any, R>
}

const lookupRules = {
  connection: text(),
  command: optional(oneOf('get', 'hash'), 'get' as const),
  key: optional(fn<(key: Key) => unknown>(), undefined),
  value: optional(fitting(isValueFormat, 'a schema or a format'), undefined),
}

/** What `GET` finds. */
function lookup<R = string>(options: RedisGetLookupOptions<R>): LookupDeclaration<R>
/** What `HGETALL` finds. */
function lookup<R = Readonly<Record<string, string>>>(options: RedisHashLookupOptions<R>): LookupDeclaration<R>
function lookup(options: object): LookupDeclaration<any> {
  const { connection, command, key, value } = resolveOptions('redis.lookup', options, lookupRules)
  if (command === 'hash')
    resolveOptions("redis.lookup of a 'hash'", { value }, { value: optional(fitting(isSchema, 'a schema'), undefined) })
  const found = command === 'get' ? decoding(value ?? textFormat()) : value ? { schema: value as StandardSchema } : {}
  return {
    connector: 'redis',
    connection,
    options: { connector: { command } },
    functions: { ...found, ...(key ? { connector: { key } } : {}) },
  }
}

/** Keys of Redis. `set` and `hash` upsert: repeating does no harm; `list` and `stream` append. */
export const redis = { sink, lookup }
