import type { TumblingWindower } from '@lightflus/api'
import type { WindowAssigner } from './assigner.ts'

/** Start of the one window of this size that holds the event time. Windows begin at multiples of the size, shifted. */
export function windowStart(timestamp: number, sizeMs: number, offsetMs: number): number {
  const sinceStart = (timestamp - offsetMs) % sizeMs
  // The remainder has the sign of the dividend: before the epoch it counts from the window's end.
  return timestamp - (sinceStart < 0 ? sinceStart + sizeMs : sinceStart)
}

/** Windows of one size that follow each other: each record lies in one. */
export function tumblingAssigner({ sizeMs, offsetMs, time }: TumblingWindower): WindowAssigner {
  return {
    shape: `tumbling ${sizeMs}+${offsetMs} ms`,
    isMerging: false,
    time,
    assign(at, _value, bounds) {
      const start = windowStart(at, sizeMs, offsetMs)
      bounds[0] = start
      bounds[1] = start + sizeMs
      return 1
    },
  }
}
