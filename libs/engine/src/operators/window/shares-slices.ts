import type { Windower } from '@lightflus/api'
import type { WindowNodeOptions } from './window-options.ts'

/** Windows of fixed bounds whose panes are all records so far, on time and then for each late record. */
export function sharesSlices(
  { windower, trigger, panes, allowedLatenessMs }: Pick<WindowNodeOptions, SlicingOption>,
  bounded: boolean,
): boolean {
  if (!isOfFixedBounds(windower)) return false
  // Which of the windows that overlap have fired by the clock, slices cannot tell after a restore.
  if (windower.time === 'processing') return windower.kind === 'tumbling' && (bounded || trigger === null)
  // In a bounded job a window fires once, whatever was asked for; and of a single pane all relations are alike.
  if (bounded) return true
  return trigger === null && (panes === 'accumulating' || allowedLatenessMs === 0)
}

type SlicingOption = 'windower' | 'trigger' | 'panes' | 'allowedLatenessMs'

/**
 * Whether a subtask may combine the records that it sends to such a window, so that partial results cross instead: the
 * window cannot tell, since nothing comes of a record before the watermark, or of one that is late but its count.
 *
 * - Only where aggregates say how accumulators are joined: a reduce need not be associative.
 * - Not where late records are corrections, one by one, or are kept.
 */
export function takesPartialResults(options: WindowNodeOptions, bounded: boolean): boolean {
  const { windower, aggregates, allowedLatenessMs, lateOutput } = options
  if (aggregates === null || lateOutput !== null || !sharesSlices(options, bounded)) return false
  return isOfFixedBounds(windower) && windower.time === 'event' && (bounded || allowedLatenessMs === 0)
}

function isOfFixedBounds(
  windower: Windower<unknown>,
): windower is Extract<Windower<unknown>, { kind: 'tumbling' | 'sliding' }> {
  return windower.kind === 'tumbling' || windower.kind === 'sliding'
}
