import type { Duration } from '../duration.ts'
import { everyOf } from './rules.ts'
import type { TriggerOptions } from './trigger-options.ts'

/** So long by the worker's clock after the first record since the last result: a window without new records is silent. @example trigger.every('10s') */
export function every(interval: Duration): TriggerOptions & { readonly kind: 'every' } {
  return everyOf('trigger.every', interval)
}
