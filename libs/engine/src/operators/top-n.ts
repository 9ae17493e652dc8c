import type { Operator, OperatorContext } from './operator.ts'

export function createTopN(_context: OperatorContext<'topN'>): Operator {
  throw new Error('not there yet')
}
