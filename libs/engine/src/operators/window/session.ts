import { LightflusError, type SessionWindower } from '@lightflus/api'
import { typeOf } from '../record-failures.ts'
import type { WindowAssigner } from './assigner.ts'

/**
 * A window of its own for each record, from its time to the gap's end. Windows that overlap merge; two that only touch
 * do not: then the gap has passed.
 */
export function sessionAssigner(
  { gapMs, time }: SessionWindower<unknown>,
  gap: ((value: unknown) => number) | undefined,
): WindowAssigner {
  const gapOf = gap === undefined ? () => gapMs! : (value: unknown) => checkedGap(gap(value))
  return {
    shape: `session ${gapMs === null ? 'by record' : `${gapMs} ms`}`,
    isMerging: true,
    time,
    assign(at, value, bounds) {
      bounds[0] = at
      bounds[1] = at + gapOf(value)
      return 1
    },
  }
}

/** Whole milliseconds, since windows are: what the program computes is rounded up, so that no session is empty. */
function checkedGap(gap: unknown): number {
  if (typeof gap === 'number' && gap > 0 && gap < Infinity) return Math.ceil(gap)
  const what = typeof gap === 'number' ? String(gap) : typeOf(gap)
  throw new LightflusError('LF_USER_FUNCTION', `the session's gap is ${what}, not a number of milliseconds above 0.`)
}
