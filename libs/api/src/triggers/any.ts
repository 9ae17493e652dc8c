import { triggersOf } from './rules.ts'
import type { Trigger } from './trigger-options.ts'

/** When one of them is ready; then all begin anew. @example trigger.any(trigger.count(100), trigger.every('10s')) */
export function any<T>(...triggers: readonly Trigger<T>[]): Trigger<T> {
  return { kind: 'any', triggers: triggersOf('trigger.any', triggers) }
}
