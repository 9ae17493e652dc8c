import type { OnError } from '../definition.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { oneOf, optional, text } from '../internal/options.ts'

/** What every operator takes. */
export interface OperatorOptions {
  /** The operator's stable identity: in metrics, in messages, and for its state across versions. Default: kind and number. */
  readonly name?: string
  /**
   * What happens to a record on which a function of the program throws. `'fail'` (default): the job ends FAILED, the
   * record named. `'skip'`: it is left out and counted in `recordsSkipped`.
   */
  readonly onError?: OnError
}

const nameRule = optional(text(/^[A-Za-z0-9][\w.-]{0,62}$/, 'letters, digits, _ . and -, 63 at most'), undefined)
const onErrorRule = optional(oneOf('fail', 'skip'), 'fail' as const)
export const operatorRules = { name: nameRule, onError: onErrorRule }

/** A function of the program must not return a promise: a record never waits for one. */
export type Synchronous<R> = R extends PromiseLike<unknown> ? never : R

/** @throws LF_PROGRAM_OPTION */
export function requireFunction(owner: string, given: unknown): void {
  if (typeof given !== 'function')
    throw new LightflusError(
      'LF_PROGRAM_OPTION',
      `${owner}: takes a function, not ${given === null ? 'null' : typeof given}.`,
    )
}
