import { LightflusError, type ErrorCode } from '@lightflus/api'
import type { Problem } from '@lightflus/contracts'
import type { z } from 'zod'

export type ListedProblem = NonNullable<Problem['errors']>[number]

/** An error that stands for several problems and shows all of them. */
export class ListedError extends LightflusError {
  readonly problems: readonly ListedProblem[]

  constructor(code: ErrorCode, message: string, problems: readonly ListedProblem[]) {
    super(code, message)
    this.problems = problems
  }

  /** With a message that is the first problem and the number of others. */
  static of(code: ErrorCode, problems: readonly ListedProblem[]): ListedError {
    const [first] = problems
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
    return new ListedError(code, `${first.path}: ${first.message}${more}`, problems)
  }
}

/** A schema's findings as the API lists them; `part` is the part of the request that they are in. */
export function problemsOf(error: z.ZodError, part: string): ListedProblem[] {
  return error.issues.map((issue) => ({
    path: [part, ...issue.path].join('.'),
    code: `LF_REQUEST_INVALID`,
    message: issue.message,
  }))
}
