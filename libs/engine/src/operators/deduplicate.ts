import type { Operator, OperatorContext } from './operator.ts'

export function createDeduplicate(_context: OperatorContext<'deduplicate'>): Operator {
  throw new Error('not there yet')
}
