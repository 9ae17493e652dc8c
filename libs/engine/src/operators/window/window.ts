import type { Operator, OperatorContext } from '../operator.ts'
import { createSlicedWindow } from './sliced-window.ts'

/** Windows, by the way that suits them: those of event time with the default trigger share slices. */
export function createWindow(context: OperatorContext<'window'>): Operator {
  return createSlicedWindow(context)
}
