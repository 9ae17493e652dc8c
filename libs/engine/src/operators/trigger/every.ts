import { plainTrigger, type Trigger } from './trigger.ts'

/** So long by the clock after a pane's first record: windows without new records stay silent. */
export function everyTrigger(everyMs: number): Trigger {
  // While there is no record, paneSince is NaN, and nothing is due.
  return plainTrigger(
    ({ paneSince }, now) => now >= paneSince + everyMs,
    ({ paneRecords, paneSince }) => (paneRecords > 0 ? paneSince + everyMs : Infinity),
  )
}
