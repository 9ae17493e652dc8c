import { isLightflusError, LightflusError, type ErrorCode, type Key, type OnError } from '@lightflus/api'
import { locateError } from './error-place.ts'
import { noTimestamp, type RecordBatch } from '../record.ts'
import type { OperatorMetrics } from '../subtask/metrics.ts'

/**
 * What becomes of records that an operator cannot process: under `onError: 'fail'` an error that names job, operator
 * and record is thrown; under `'skip'` the record is counted, and the caller leaves it out.
 */
export interface RecordFailures {
  /** A function of the program threw on the record. */
  threw(thrown: unknown, record: FailedRecord): void
  /** The record, or what a function made of it, is unusable. */
  unusable(code: ErrorCode, what: string, record: FailedRecord, cause?: unknown): void
  /** A mistake in the program that would hit every record alike: thrown under either setting. */
  misuse(what: string): never
}

export type FailedRecord =
  | { readonly batch: RecordBatch; readonly index: number }
  | { readonly partition: string; readonly position: number | string }
  /** A result by key that is no longer one record's. */
  | { readonly key: Key; readonly window?: { readonly start: number } }
  /** Nothing is known but the operator. */
  | undefined

export interface RecordFailuresOptions {
  readonly job: string
  readonly operator: string
  readonly onError: OnError
  readonly metrics: OperatorMetrics
  readonly log: (level: 'warn', message: string) => void
}

export function createRecordFailures(options: RecordFailuresOptions): RecordFailures {
  const { job, operator, onError, metrics, log } = options
  let raised: LightflusError | undefined
  const raise = (error: LightflusError): never => {
    raised = error
    throw error
  }
  const fail = (error: LightflusError) => {
    if (onError === 'fail') raise(error)
    metrics.recordsSkipped++
    // A line per power of ten shows what is wrong and never floods the log.
    if (/^10*$/.test(String(metrics.recordsSkipped)))
      log('warn', `${metrics.recordsSkipped} skipped so far, this one because: ${error.code} ${error.message}`)
  }
  const failure = (code: ErrorCode, what: string, record: FailedRecord, cause?: unknown) =>
    locateError(new LightflusError(code, what, { cause }), { job, operator, record: describeRecord(record) })
  return {
    threw(thrown, record) {
      // An error raised here in the middle of a batch comes by once more on its way out.
      if (raised !== undefined && thrown === raised) throw raised
      if (!isLightflusError(thrown)) return fail(failure('LF_USER_FUNCTION', messageOf(thrown), record, thrown))
      // What has a code already (a connector's LF_SINK_VALUE) keeps it.
      const error = locateError(thrown, { job, operator, record: describeRecord(record) })
      if (misuseCodes.has(thrown.code)) raise(error)
      fail(error)
    },
    unusable: (code, what, record, cause) => fail(failure(code, what, record, cause)),
    misuse: (what) => raise(failure('LF_USER_RESULT', what, undefined)),
  }
}

/** Mistakes that would hit every record alike: a function that returns promises or misuses its context, a format that objects to its options. */
const misuseCodes: ReadonlySet<ErrorCode> = new Set(['LF_USER_RESULT', 'LF_USER_CONTEXT', 'LF_PROGRAM_OPTION'])

/** What was thrown, in words: programs may throw anything. */
export function messageOf(thrown: unknown): string {
  // Not instanceof: the program may run in a realm of its own.
  const { message, name } = (thrown ?? {}) as { readonly message?: unknown; readonly name?: unknown }
  if (typeof message === 'string') return message || String(name)
  return typeof thrown === 'string' ? thrown : `threw ${typeOf(thrown)}`
}

/** The type of a value in words, for messages that must not show the value. */
export function typeOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (isThenable(value)) return 'a promise'
  return typeof value === 'object' ? 'an object' : Number.isNaN(value) ? 'NaN' : `a ${typeof value}`
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** An async function returns a promise every time, so the first result tells. @throws LF_USER_RESULT */
export function refusePromises(results: readonly unknown[], failures: RecordFailures): void {
  if (!isThenable(results[0])) return
  // Nobody will wait for them: what they reject with must not end the process as unhandled.
  for (const result of results) if (isThenable(result)) result.then(undefined, () => {})
  failures.misuse('the function returned a promise, and no record waits for one.')
}

const keyLengthMax = 80

function describeRecord(record: FailedRecord): string {
  if (record === undefined) return ''
  if ('partition' in record) return `record ${record.partition}@${record.position}`
  if ('key' in record)
    return `key ${describeKey(record.key)}${record.window ? `, window from ${describeTime(record.window.start)}` : ''}`
  const { batch, index } = record
  if (batch.origin) return `record ${batch.origin.partition}@${batch.origin.positions[index]}`
  const timestamp = batch.timestamps[index]
  return [
    batch.keys ? `record with key ${describeKey(batch.keys[index])}` : 'a record',
    ...(timestamp === noTimestamp ? [] : [`event time ${describeTime(timestamp)}`]),
  ].join(', ')
}

function describeKey(key: Key): string {
  const text = JSON.stringify(key)
  return text.length > keyLengthMax ? `${text.slice(0, keyLengthMax)}…` : text
}

export function describeTime(timestamp: number): string {
  const date = new Date(timestamp)
  return Number.isNaN(date.getTime()) ? String(timestamp) : date.toISOString()
}
