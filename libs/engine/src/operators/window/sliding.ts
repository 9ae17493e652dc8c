import type { SlidingWindower } from '@lightflus/api'
import type { WindowAssigner } from './assigner.ts'
import { windowStart } from './tumbling.ts'

/** Windows of one size that begin every slide: a record lies in as many as overlap at its time, or in none between two. */
export function slidingAssigner({ sizeMs, slideMs, offsetMs, time }: SlidingWindower): WindowAssigner {
  return {
    shape: `sliding ${sizeMs}/${slideMs}+${offsetMs} ms`,
    isMerging: false,
    time,
    assign(at, _value, bounds) {
      const last = windowStart(at, slideMs, offsetMs)
      const count = Math.max(0, Math.ceil((sizeMs - (at - last)) / slideMs))
      for (let i = 0; i < count; i++) {
        const start = last - (count - 1 - i) * slideMs
        bounds[2 * i] = start
        bounds[2 * i + 1] = start + sizeMs
      }
      return count
    },
  }
}
