import type { TriggerOptions } from './trigger-options.ts'

/** When the worker's clock reaches the window's end, and with each record after it: the default for windows of processing time. */
export function processingTime(): TriggerOptions & { readonly kind: 'processingTime' } {
  return { kind: 'processingTime' }
}
