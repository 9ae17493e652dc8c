import type { TimeWindow } from '@lightflus/api'
import { windowStart } from './tumbling.ts'

/**
 * How a time line is cut so that every window of one size, of which a new one begins every slide, is made of whole slices:
 * wherever a window begins or ends. So there are two slices a slide at most (Krishnamurthy et al. 2006), however many
 * windows hold each of them, and one where the size is a multiple of the slide.
 */
export interface Slices {
  /** Length of a window. */
  readonly sizeMs: number
  /** Start of the slice that holds the time. */
  startOf(timestamp: number): number
  /** End of the slice that begins then. */
  endOf(start: number): number
  /** Whether any window holds the slice: between windows that are further apart than long there is none. */
  isHeld(start: number): boolean
  /** The end of the first window that ends at that time or later. */
  windowEndFrom(time: number): number
  /** The end of the first window that ends later than that. */
  windowEndAfter(time: number): number
  /** The end of the last window that holds the slice which begins then. */
  lastWindowEnd(start: number): number
}

export function createSlices(sizeMs: number, slideMs: number, offsetMs: number): Slices {
  const begin = (time: number) => windowStart(time, slideMs, offsetMs)
  /** From a window's begin to the next end of another, or to its own where it ends before the next begins; 0: the same time. */
  const firstMs = sizeMs < slideMs ? sizeMs : sizeMs % slideMs
  return {
    sizeMs,
    startOf(timestamp) {
      const start = begin(timestamp)
      return timestamp < start + firstMs || firstMs === 0 ? start : start + firstMs
    },
    endOf(start) {
      const from = begin(start)
      return start === from && firstMs > 0 ? start + firstMs : from + slideMs
    },
    isHeld: (start) => sizeMs >= slideMs || start === begin(start),
    windowEndFrom(time) {
      const end = begin(time - sizeMs) + sizeMs
      return end === time ? end : end + slideMs
    },
    windowEndAfter: (time) => begin(time - sizeMs) + sizeMs + slideMs,
    lastWindowEnd: (start) => begin(start) + sizeMs,
  }
}

export function windowOf(end: number, sizeMs: number): TimeWindow {
  return Object.freeze({ start: end - sizeMs, end })
}
