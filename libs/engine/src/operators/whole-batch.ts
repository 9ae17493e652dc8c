import type { BatchFunction, OperatorFunctions } from '@lightflus/api'

/**
 * The results of a function that can take a whole batch (a WebAssembly export). Undefined where it cannot, and where it
 * threw: one record after the other then tells which it was, and lets the others pass.
 */
export function resultsOfBatch(
  fn: OperatorFunctions['map']['fn'] | BatchFunction,
  values: readonly unknown[],
): readonly unknown[] | undefined {
  if (!('batch' in fn)) return undefined
  try {
    return fn.batch(values)
  } catch {
    return undefined
  }
}
