import type { SinkDeclaration } from '../definition.ts'
import type { Duration } from '../duration.ts'
import { duration, fn, oneOf, optional, resolveOptions, text, whole } from '../internal/options.ts'

export interface HttpSinkOptions<T> {
  /** Name of the connection: the address, and the headers that each request bears. */
  readonly connection: string
  /** What comes after the connection's address, such as `/orders?source=lightflus`. Default: nothing. */
  readonly path?: string
  /** Default `'POST'`. */
  readonly method?: 'POST' | 'PUT' | 'PATCH'
  /** What is sent of a record, as JSON. Default: the record. */
  readonly value?: (record: T) => unknown
  /**
   * What tells a record from all others, so that the other side can leave out what it has had already. Default: made of
   * the record's content and of the checkpoint after which it was written; it is the same when a record is written again after
   * a restart.
   */
  readonly idempotencyKey?: (record: T) => string
  /**
   * `'batch'` (default): a request bears an array of `{ key, value }`. `'record'`: each record is a request of its own, whose
   * body is the value and whose header `Idempotency-Key` is the key.
   */
  readonly body?: 'batch' | 'record'
  /** Records in one request at most. Default 100; 1 MiB closes a request, too. */
  readonly batchRecords?: number
  /** How long an answer may take. Default 30 s. */
  readonly timeout?: Duration
}

const rules = {
  connection: text(),
  path: optional(text(/^[/?]\S*$/, "text that begins with '/' or '?' and has no blanks"), ''),
  method: optional(oneOf('POST', 'PUT', 'PATCH'), 'POST' as const),
  value: optional(fn<(record: any) => unknown>(), undefined),
  idempotencyKey: optional(fn<(record: any) => unknown>(), undefined),
  body: optional(oneOf('batch', 'record'), 'batch' as const),
  batchRecords: optional(whole(1, 10_000), 100),
  timeout: optional(duration(1), 30_000),
}

/** Sends records to an address, at least once. */
function sink<T>(options: HttpSinkOptions<T>): SinkDeclaration<T, 'inserts'> {
  const { connection, value, idempotencyKey, timeout, ...connector } = resolveOptions('http.sink', options, rules)
  return {
    accepts: 'inserts',
    connector: 'http',
    connection,
    options: { connector: { ...connector, timeoutMs: timeout } },
    functions: { ...(value ? { value } : {}), ...(idempotencyKey ? { idempotencyKey } : {}) },
  }
}

/** Services that take JSON over HTTP. */
export const http = { sink }
