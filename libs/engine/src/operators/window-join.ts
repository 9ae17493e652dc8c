import type { Operator, OperatorContext } from './operator.ts'

export function createWindowJoin(_context: OperatorContext<'windowJoin'>): Operator {
  throw new Error('not there yet')
}
