import { plainTrigger, type Trigger } from './trigger.ts'

/** After every so many records. */
export function countTrigger(count: number): Trigger {
  return plainTrigger(({ paneRecords }) => paneRecords >= count)
}
