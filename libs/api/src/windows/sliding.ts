import type { Duration } from '../duration.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { duration, optional, resolveOptions } from '../internal/options.ts'
import { timeRule, type WindowTime } from './windower.ts'

export interface SlidingWindower {
  readonly kind: 'sliding'
  readonly sizeMs: number
  readonly slideMs: number
  readonly offsetMs: number
  readonly time: WindowTime
}

export interface SlidingOptions {
  /** From one window's start to the next one's. Greater than the size: records between two windows are in none. */
  readonly every: Duration
  /** Shifts every window's start, which else are multiples of `every` since 1970-01-01T00:00Z. Default 0. */
  readonly offset?: Duration
  /** Default `'event'`. */
  readonly time?: WindowTime
}

/** Every window that holds a record has a result of its own: beyond this many a slip of the units is meant by nobody. */
const windowsOfRecordMax = 1_000_000

/**
 * Windows of one size, of which a new one begins every so often: a record lies in all that overlap at its time.
 * @param size at least 1 ms, and at most a million times `every`.
 * @throws LF_PROGRAM_OPTION
 * @example sliding('1h', { every: '5m' })
 */
export function sliding(size: Duration, options: SlidingOptions): SlidingWindower {
  const { size: sizeMs } = resolveOptions('sliding', { size }, { size: duration(1) })
  const { every, offset, time } = resolveOptions('sliding', options, {
    every: duration(1),
    offset: optional(duration(), 0),
    time: timeRule,
  })
  if (sizeMs / every > windowsOfRecordMax)
    throw new LightflusError(
      'LF_PROGRAM_OPTION',
      `sliding: with a size of ${sizeMs} ms and one every ${every} ms a record lies in ${Math.ceil(sizeMs / every)} windows, ${windowsOfRecordMax} at most can be.`,
    )
  return { kind: 'sliding', sizeMs, slideMs: every, offsetMs: offset % every, time }
}
