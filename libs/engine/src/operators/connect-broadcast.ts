import type { Operator, OperatorContext } from './operator.ts'

export function createConnectBroadcast(_context: OperatorContext<'connectBroadcast'>): Operator {
  throw new Error('not there yet')
}
