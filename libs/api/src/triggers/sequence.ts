import { triggersOf } from './rules.ts'
import type { Trigger } from './trigger-options.ts'

/**
 * One after the other, each for one result; the last of them for all that follow. Sessions that merge go on with the
 * one that the session of less progress was at.
 * @example trigger.sequence(trigger.count(1), trigger.every('1m'))
 */
export function sequence<T>(...triggers: readonly Trigger<T>[]): Trigger<T> {
  return { kind: 'sequence', triggers: triggersOf('trigger.sequence', triggers) }
}
