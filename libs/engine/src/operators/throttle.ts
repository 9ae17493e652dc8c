import type { Operator, OperatorContext } from './operator.ts'

export function createThrottle(_context: OperatorContext<'throttle'>): Operator {
  throw new Error('not there yet')
}
