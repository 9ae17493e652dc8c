import { triggersOf } from './rules.ts'
import type { Trigger } from './trigger-options.ts'

/** When all of them are ready for one result; then all begin anew. @example trigger.all(trigger.count(100), trigger.every('10s')) */
export function all<T>(...triggers: readonly Trigger<T>[]): Trigger<T> {
  return { kind: 'all', triggers: triggersOf('trigger.all', triggers) }
}
