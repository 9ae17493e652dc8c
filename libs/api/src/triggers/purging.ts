import { triggersOf } from './rules.ts'
import type { Trigger } from './trigger-options.ts'

/**
 * As another; and what its window holds is dropped with each result, so that the next one is made of the records since.
 * @example trigger.purging(trigger.count(100))
 */
export function purging<T>(trigger: Trigger<T>): Trigger<T> {
  return { kind: 'purging', trigger: triggersOf('trigger.purging', [trigger])[0] }
}
