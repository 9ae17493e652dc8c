import type { CountWindower, Windower, WindowTime } from '@lightflus/api'
import { calendarAssigner } from './calendar-assigner.ts'
import { globalAssigner } from './global.ts'
import { sessionAssigner } from './session.ts'
import { slidingAssigner } from './sliding.ts'
import { tumblingAssigner } from './tumbling.ts'

/**
 * The rule that says which windows a record belongs to. It is pure: what windows hold, and when they fire, is its
 * caller's affair. Count windows have none, since they depend on what came before.
 */
export interface WindowAssigner {
  /** The windows in words that a checkpoint keeps. */
  readonly shape: string
  /** Windows of one key that overlap become one, from the start of the first to the end of the last. */
  readonly isMerging: boolean
  /** Of which time the windows are cut; null: they have no bounds in time, and take records without event time. */
  readonly time: WindowTime | null
  /**
   * Writes start (inclusive) and end (exclusive) of each window into `bounds`, one after the other, earliest first:
   * a buffer of the caller's, so that a record makes no garbage.
   * @param time of the record, or of the clock, in milliseconds.
   * @returns how many windows: 0 where windows leave gaps.
   */
  assign(time: number, value: unknown, bounds: number[]): number
}

/**
 * @param windower as the graph shows it.
 * @param gap of sessions whose gap depends on the record.
 */
export function createAssigner(
  windower: Exclude<Windower<unknown>, CountWindower>,
  gap?: (value: unknown) => number,
): WindowAssigner {
  switch (windower.kind) {
    case 'tumbling':
      return tumblingAssigner(windower)
    case 'sliding':
      return slidingAssigner(windower)
    case 'session':
      return sessionAssigner(windower, gap)
    case 'calendar':
      return calendarAssigner(windower)
    case 'global':
      return globalAssigner
  }
}
