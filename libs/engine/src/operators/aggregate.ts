import type { OnError } from '@lightflus/api'
import { aggregatesFold } from './fold/fold.ts'
import { createRunningFold } from './fold/running-fold.ts'
import type { Operator, OperatorContext } from './operator.ts'

/**
 * Folds each key's records by named aggregates: emits `{ key, ...results }` for each record. Keeps the accumulators of
 * every key; see {@link createRunningFold} for watermark, snapshot and restore.
 */
export function createAggregate(context: OperatorContext<'aggregate'>): Operator {
  const { aggregates, onError } = context.operator.node.options as { aggregates: string[]; onError: OnError }
  return createRunningFold(context, aggregatesFold(aggregates, context.operator.functions.aggregates, onError))
}
