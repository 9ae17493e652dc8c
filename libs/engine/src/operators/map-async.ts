import type { Operator, OperatorContext } from './operator.ts'

export function createMapAsync(_context: OperatorContext<'mapAsync'>): Operator {
  throw new Error('not there yet')
}
