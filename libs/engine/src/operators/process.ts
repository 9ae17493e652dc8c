import type { Operator, OperatorContext } from './operator.ts'

export function createProcess(_context: OperatorContext<'process'>): Operator {
  throw new Error('not there yet')
}
