import type { Operator, OperatorContext } from '../operator.ts'
import { createGeneralWindow } from './general-window.ts'
import { createSlicedWindow } from './sliced-window.ts'
import { windowOptions } from './window-options.ts'

/** Windows of every kind, by the way that suits them: those that can share slices cost one fold a record. */
export function createWindow(context: OperatorContext<'window'>): Operator {
  return sharesSlices(context) ? createSlicedWindow(context) : createGeneralWindow(context)
}

/** Windows of fixed bounds whose panes are all records so far, on time and then for each late record. */
function sharesSlices(context: OperatorContext<'window'>): boolean {
  const { windower, trigger, panes, allowedLatenessMs } = windowOptions(context)
  if (windower.kind !== 'tumbling' && windower.kind !== 'sliding') return false
  // Which of the windows that overlap have fired by the clock, slices cannot tell after a restore.
  if (windower.time === 'processing') return windower.kind === 'tumbling' && (context.bounded || trigger === null)
  // In a bounded job a window fires once, whatever was asked for; and of a single pane all relations are alike.
  if (context.bounded) return true
  return trigger === null && (panes === 'accumulating' || allowedLatenessMs === 0)
}
