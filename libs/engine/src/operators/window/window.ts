import type { Operator, OperatorContext } from '../operator.ts'
import { createGeneralWindow } from './general-window.ts'

/** Windows of every kind. */
export function createWindow(context: OperatorContext<'window'>): Operator {
  return createGeneralWindow(context)
}
