import { plainTrigger, type Trigger } from './trigger.ts'

/** When the clock reaches the window's end, and with each record after it. */
export function processingTimeTrigger(): Trigger {
  return plainTrigger(
    ({ end, paneRecords }, now) => now >= end && paneRecords > 0,
    ({ end, paneRecords }) => (paneRecords > 0 ? end : Infinity),
  )
}
