import type { Operator, OperatorContext } from './operator.ts'

export function createTemporalJoin(_context: OperatorContext<'temporalJoin'>): Operator {
  throw new Error('not there yet')
}
