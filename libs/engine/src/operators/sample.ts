import type { Operator, OperatorContext } from './operator.ts'

export function createSample(_context: OperatorContext<'sample'>): Operator {
  throw new Error('not there yet')
}
