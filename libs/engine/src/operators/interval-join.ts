import type { Operator, OperatorContext } from './operator.ts'

export function createIntervalJoin(_context: OperatorContext<'intervalJoin'>): Operator {
  throw new Error('not there yet')
}
