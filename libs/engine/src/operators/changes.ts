import type { Operator, OperatorContext } from './operator.ts'

export function createChanges(_context: OperatorContext<'changes'>): Operator {
  throw new Error('not there yet')
}
