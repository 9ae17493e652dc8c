import { reduceFold } from './fold/fold.ts'
import { createRunningFold } from './fold/running-fold.ts'
import type { Operator, OperatorContext } from './operator.ts'

/**
 * Folds each key's records into one value: emits `{ key, value }` for each record. Keeps the value so far of every key;
 * see {@link createRunningFold} for watermark, snapshot and restore. The function should return a new value where the
 * results so far are kept downstream, since what it changes in place has been emitted already.
 */
export function createReduce(context: OperatorContext<'reduce'>): Operator {
  const { node, functions } = context.operator
  const { version } = node.options as { readonly version?: number }
  return createRunningFold(context, reduceFold(functions.fn, { version, migrate: functions.migrate }))
}
