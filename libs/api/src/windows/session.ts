import type { Duration } from '../duration.ts'
import { duration, resolveOptions } from '../internal/options.ts'
import { timeRule, type WindowTime } from './windower.ts'

export interface SessionWindower<T> {
  readonly kind: 'session'
  /** Null where {@link gap} tells it. */
  readonly gapMs: number | null
  readonly gap?: (value: T) => number
  readonly time: WindowTime
}

/**
 * Windows of activity: from a key's first record to the gap's end after its last. A record joins a session unless the
 * whole gap lies between them; one that comes late and closes the gap between two sessions makes them one.
 * @param gap at least 1 ms, or a function of the record that tells it in milliseconds.
 * @example session('30m')
 */
export function session<T = any>(
  gap: Duration | ((value: T) => number),
  options?: { /** Default `'event'`. */ readonly time?: WindowTime },
): SessionWindower<T> {
  const { time } = resolveOptions('session', options, { time: timeRule })
  if (typeof gap === 'function') return { kind: 'session', gapMs: null, gap, time }
  return { kind: 'session', gapMs: resolveOptions('session', { gap }, { gap: duration(1) }).gap, time }
}
