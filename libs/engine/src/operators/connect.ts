import type { Operator, OperatorContext } from './operator.ts'

export function createConnect(_context: OperatorContext<'connect'>): Operator {
  throw new Error('not there yet')
}
