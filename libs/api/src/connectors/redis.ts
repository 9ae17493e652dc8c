import type { SinkDeclaration } from '../definition.ts'
import { duration, fn, oneOf, optional, resolveOptions, text } from '../internal/options.ts'
import type { Duration } from '../duration.ts'

interface Common<T> {
  readonly connection: string
  readonly key: (record: T) => string
  /** How long a key lives after it was last written. Default: for ever. */
  readonly ttl?: Duration
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

const rules = {
  connection: text(),
  key: fn<(record: any) => unknown>(),
  value: fn<(record: any) => unknown>(),
  command: optional(oneOf('set', 'hash', 'list', 'stream'), 'set' as const),
  ttl: optional(duration(1), null),
}

function sink<T>(options: RedisValueSinkOptions<T> | RedisFieldsSinkOptions<T>): SinkDeclaration<T, 'inserts'> {
  const { connection, key, value, command, ttl } = resolveOptions('redis.sink', options, rules)
  return {
    accepts: 'inserts',
    connector: 'redis',
    connection,
    options: { connector: { command, ttlMs: ttl } },
    functions: { key, value },
  }
}

/** Keys of Redis. `set` and `hash` upsert: repeating does no harm; `list` and `stream` append. */
export const redis = { sink }
