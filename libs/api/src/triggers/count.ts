import { countOf } from './rules.ts'
import type { TriggerOptions } from './trigger-options.ts'

/** After every so many records of the window. @example trigger.count(100) */
export function count(records: number): TriggerOptions & { readonly kind: 'count' } {
  return countOf('trigger.count', records)
}
