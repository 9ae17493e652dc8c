import type { Operator, OperatorContext } from './operator.ts'

export function createJoin(_context: OperatorContext<'join'>): Operator {
  throw new Error('not there yet')
}
