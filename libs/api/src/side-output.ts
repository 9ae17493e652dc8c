import { resolveOptions, text } from './internal/options.ts'

/** A second way out of an operator, for records of its own type: late ones, malformed ones, alerts. */
export interface SideOutput<T> {
  readonly name: string
  /** Carries the records' type; never set. */
  readonly '~record'?: (record: T) => void
}

/**
 * Names a side output: hand it to the operator that writes to it, and take what it holds by `stream.sideOutput(it)`.
 * @param name unique in the operator.
 * @throws LF_PROGRAM_OPTION
 * @example const late = sideOutput<Order>('late')
 */
export function sideOutput<T>(name: string): SideOutput<T> {
  return resolveOptions('sideOutput', { name }, { name: text(/^[A-Za-z][\w-]{0,62}$/, 'letters, digits, _ and -') })
}
