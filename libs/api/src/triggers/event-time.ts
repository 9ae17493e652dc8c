import type { TriggerOptions } from './trigger-options.ts'

/** When the watermark reaches the window's end, and with each late record after it: the default. */
export function eventTime(): TriggerOptions & { readonly kind: 'eventTime' } {
  return { kind: 'eventTime', early: null, late: null }
}
