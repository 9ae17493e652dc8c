import type { Demand } from './demand.ts'

/** What one function of the program does with a record: see `analyse`. */
export interface FunctionUse {
  /** What it looks at itself. What it only hands on in its result is not in it. */
  readonly reads: Demand
  readonly result: ResultShape
  /** Where nothing could be told: why, in words for the program's author, e.g. `o[name]: a computed field`. */
  readonly reason?: string
}

/**
 * How a function's result is made of the record. Where something on a path is no object, the function itself has to be
 * asked: it may throw, or read what a text or an array has by its nature. `reads` has what is on the way to a path.
 */
export type ResultShape =
  /** The very value at that path (the empty one: the record itself), which may be missing. */
  | { readonly kind: 'path'; readonly path: readonly string[] }
  /** A new object each time, of just these fields in this order. */
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, ResultShape> }
  /** Anything else: whatever of the record lies in it is in `reads`. */
  | { readonly kind: 'computed' }
