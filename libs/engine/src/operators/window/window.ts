import type { SlidingWindower, TumblingWindower } from '@lightflus/api'
import type { Operator, OperatorContext, Output } from '../operator.ts'
import { createGeneralWindow } from './general-window.ts'
import { sharesSlices } from './shares-slices.ts'
import { sliceState } from './slice-snapshot.ts'
import { SlicedWindow } from './sliced-window.ts'
import { windowOptions } from './window-options.ts'

/** Windows of every kind, by the way that suits them: those that can share slices cost one fold a record. */
export function createWindow(context: OperatorContext<'window'>): Operator {
  const isSliced = sharesSlices(windowOptions(context), context.bounded)
  return isSliced ? createSlicedWindow(context) : createGeneralWindow(context)
}

/** See {@link SlicedWindow}. */
export function createSlicedWindow(context: OperatorContext<'window'>): Operator {
  const window = new SlicedWindow(context, windowOptions(context).windower as TumblingWindower | SlidingWindower)
  return {
    restore: (restored) => window.restore(restored),
    open() {},
    processBatch: (batch, output) => window.processBatch(batch, output),
    onWatermark: (watermark, output) => window.onWatermark(watermark, output),
    ...(window.isOfClock && {
      processingTimeDue: () => window.nextDue,
      onProcessingTime: (now: number, output: Output) => window.reach(now, output),
    }),
    ...sliceState(() => window.state),
    flush() {},
    endInput() {},
    close() {},
  }
}
