import type { Operator, OperatorContext } from './operator.ts'

export function createAssignTimestamps(_context: OperatorContext<'assignTimestamps'>): Operator {
  throw new Error('not there yet')
}
