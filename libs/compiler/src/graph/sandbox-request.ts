import type { BuildLimits } from '../program.ts'

export interface SandboxRequest {
  readonly bundle: string
  readonly limits: BuildLimits
}

/** `answered` is the script's answer as text, said by the program and not to be trusted. */
export type SandboxResult =
  | { readonly kind: 'answered'; readonly text: string }
  | { readonly kind: 'time' }
  | { readonly kind: 'memory' }
  | { readonly kind: 'answer-size' }
  /** Recursion without end, or code nested deeper than the engine reads. */
  | { readonly kind: 'stack' }
  /** The top level awaits what nothing will ever settle. */
  | { readonly kind: 'waits' }
  /** The engine refuses the bundle or the program broke the script itself. */
  | { readonly kind: 'failed'; readonly message: string }

/** Characters of an answer: a graph is a description, not data. */
export const answerLengthMax = 4 * 2 ** 20
