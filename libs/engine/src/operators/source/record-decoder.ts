import { isLightflusError, type SchemaIssue, type SchemaResult, type SourceFunctions } from '@lightflus/api'
import { payloadAt, type SourceBatch } from '../../connector.ts'
import { noTimestamp, type RecordBatch } from '../../record.ts'
import { isEventTime, nameTime } from '../../watermark/event-time.ts'
import { isThenable, messageOf, type RecordFailures } from '../record-failures.ts'

/** Which function of the program is running: what an exception means depends on it. */
export type Phase = 'decode' | 'schema' | 'eventTime'

/**
 * Turns what a connector read into records: decode, then validate, then event time. A record that fails is left out
 * under `onError: 'skip'`.
 * @returns the batch, and the newest event time in it (noTimestamp if there is none).
 */
export function createRecordDecoder(functions: SourceFunctions, failures: RecordFailures) {
  const { decode, schema, eventTime } = functions
  const validate = schema && ((value: unknown) => schema['~standard'].validate(value))
  const refusals: Refusals = createRefusals(failures)

  return (read: SourceBatch): { batch: RecordBatch; newest: number } => {
    const { partition, payloads, positions } = read
    const values: unknown[] = []
    const timestamps: number[] = []
    const kept: (number | string)[] = []
    let newest = noTimestamp
    let phase: Phase = 'decode'
    let index = 0
    while (index < payloads.length) {
      try {
        for (; index < payloads.length; index++) {
          phase = 'decode'
          let value = payloadAt(payloads, index)
          if (decode !== undefined) value = decode(value)
          if (validate !== undefined && !read.isWanted) {
            phase = 'schema'
            value = refusals.accept(validate(value))
          }
          phase = 'eventTime'
          const timestamp = eventTime === undefined ? (read.timestamps?.[index] ?? noTimestamp) : eventTime(value)
          if (!isEventTime(timestamp)) refusals.refuseTime(timestamp)
          values.push(value)
          timestamps.push(timestamp)
          kept.push(positions[index])
          if (timestamp > newest) newest = timestamp
        }
      } catch (thrown) {
        refusals.reject(thrown, phase, { partition, position: positions[index] })
        index++
      }
    }
    return { batch: { values, timestamps, origin: { partition, positions: kept } }, newest }
  }
}

/** What a source does about a payload that makes no record. */
export interface Refusals {
  /** The validated value. @throws what {@link reject} knows */
  accept(result: SchemaResult<unknown> | Promise<SchemaResult<unknown>>): unknown
  /** @throws what {@link reject} knows */
  refuseTime(timestamp: unknown): never
  /** Whatever was thrown on a record: rethrows, or counts it as skipped. */
  reject(thrown: unknown, phase: Phase, record: { partition: string; position: number | string }): void
}

export function createRefusals(failures: RecordFailures): Refusals {
  return {
    accept(result) {
      if (isThenable(result)) {
        result.then(undefined, () => {})
        failures.misuse('the schema validates asynchronously, and no record waits for it.')
      }
      if (result.issues) throw new Refusal('LF_RECORD_INVALID', describeIssues(result.issues))
      return (result as { readonly value: unknown }).value
    },
    refuseTime(timestamp) {
      throw new Refusal('LF_RECORD_EVENT_TIME', `eventTime returned ${nameTime(timestamp)}.`)
    },
    reject(thrown, phase, record) {
      if (thrown instanceof Refusal) failures.unusable(thrown.code, thrown.message, record)
      else if (phase === 'decode' && !isLightflusError(thrown))
        failures.unusable('LF_RECORD_DECODE', messageOf(thrown), record, thrown)
      else failures.threw(thrown, record)
    },
  }
}

/** A record that is refused without any function having thrown; never leaves this file. */
class Refusal {
  readonly code: 'LF_RECORD_INVALID' | 'LF_RECORD_EVENT_TIME'
  readonly message: string

  constructor(code: Refusal['code'], message: string) {
    this.code = code
    this.message = message
  }
}

const issuesMax = 5

/** Every issue with the path of its field; the values themselves may be secret and are not shown. */
export function describeIssues(issues: readonly SchemaIssue[]): string {
  const lines = issues.slice(0, issuesMax).map(({ message, path }) => {
    const field = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
    return field === '' ? message : `${field}: ${message}`
  })
  const more = issues.length - lines.length
  return `${lines.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}
