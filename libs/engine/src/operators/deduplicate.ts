import type { Operator, OperatorContext } from './operator.ts'
import { createKeepFirst } from './deduplicate/keep-first.ts'
import { createKeepLast } from './deduplicate/keep-last.ts'

/** One record of each key: the first goes on as it is, the last replaces the one before. */
export function createDeduplicate(context: OperatorContext<'deduplicate'>): Operator {
  const { keep, ttlMs } = context.operator.node.options as { keep: 'first' | 'last'; ttlMs: number | null }
  // What a bounded job says is final, however long it took to say it.
  const rememberedMs = context.bounded ? null : ttlMs
  return keep === 'first' ? createKeepFirst(context, rememberedMs) : createKeepLast(context, rememberedMs)
}
