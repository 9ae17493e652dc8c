import type { ErrorCode, LookupFunctions } from '@lightflus/api'
import { isThenable, messageOf, type RecordFailures } from '../record-failures.ts'
import { describeIssues } from '../source/record-decoder.ts'

/** What was found for a key, or why it cannot be used. */
export type Found = { readonly value: unknown } | Refused
export interface Refused {
  readonly code: ErrorCode
  readonly what: string
  readonly cause?: unknown
}

/** Turns what a lookup's connector found into values: decode, then validate, as a source does. Null stays null. */
export function createFoundReader({ decode, schema }: LookupFunctions, failures: RecordFailures) {
  return (payload: unknown): Found => {
    if (payload === null) return { value: null }
    let value: unknown = payload
    if (decode !== undefined) {
      try {
        value = decode(payload)
      } catch (thrown) {
        return { code: 'LF_RECORD_DECODE', what: `what was found: ${messageOf(thrown)}`, cause: thrown }
      }
    }
    if (schema === undefined) return { value }
    const result = schema['~standard'].validate(value)
    if (isThenable(result)) {
      result.then(undefined, () => {})
      failures.misuse('the schema validates asynchronously, and no record waits for it.')
    }
    if (result.issues) return { code: 'LF_RECORD_INVALID', what: `what was found: ${describeIssues(result.issues)}` }
    return { value: (result as { readonly value: unknown }).value }
  }
}
