import type { OnError } from '../definition.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { fitting, oneOf, optional, text } from '../internal/options.ts'

/** What every operator takes. */
export interface OperatorOptions {
  /** The operator's stable identity: in metrics, in messages, and for its state across versions. Default: kind and number. */
  readonly name?: string
  /**
   * Names that the operator had in former versions: it takes over the state that it finds under one of them, the first in
   * this list, where there is none under its own. Needs `name`; not for sinks. Default: none.
   */
  readonly formerly?: readonly string[]
  /**
   * What happens to a record on which a function of the program throws. `'fail'` (default): the job ends FAILED, the
   * record named. `'skip'`: it is left out and counted in `recordsSkipped`.
   */
  readonly onError?: OnError
}

const namePattern = /^[A-Za-z0-9][\w.-]{0,62}$/
const nameRule = optional(text(namePattern, 'letters, digits, _ . and -, 63 at most'), undefined)
const formerlyRule = optional(
  fitting(
    (value: unknown): value is readonly string[] =>
      Array.isArray(value) && value.every((each) => typeof each === 'string' && namePattern.test(each)),
    "a list of names, such as ['per-user']",
  ),
  [] as readonly string[],
)
const onErrorRule = optional(oneOf('fail', 'skip'), 'fail' as const)
export const operatorRules = { name: nameRule, formerly: formerlyRule, onError: onErrorRule }

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
