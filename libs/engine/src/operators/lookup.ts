import type { Operator, OperatorContext } from './operator.ts'

export function createLookup(_context: OperatorContext<'lookup'>): Operator {
  throw new Error('not there yet')
}
