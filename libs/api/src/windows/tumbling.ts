import type { Duration } from '../duration.ts'
import { duration, optional, resolveOptions } from '../internal/options.ts'
import { timeRule, type WindowTime } from './windower.ts'

export interface TumblingWindower {
  readonly kind: 'tumbling'
  readonly sizeMs: number
  readonly offsetMs: number
  readonly time: WindowTime
}

export interface TumblingOptions {
  /** Shifts every window's start, which else are multiples of the size since 1970-01-01T00:00Z. Default 0. */
  readonly offset?: Duration
  /** Default `'event'`. */
  readonly time?: WindowTime
}

/**
 * Windows of one size that follow each other without gap or overlap.
 * @param size at least 1 ms.
 * @example tumbling('1m')
 */
export function tumbling(size: Duration, options?: TumblingOptions): TumblingWindower {
  const { size: sizeMs } = resolveOptions('tumbling', { size }, { size: duration(1) })
  const { offset, time } = resolveOptions('tumbling', options, { offset: optional(duration(), 0), time: timeRule })
  return { kind: 'tumbling', sizeMs, offsetMs: offset % sizeMs, time }
}
