import type { RecordFailures } from '../../operators/record-failures.ts'
import { minWatermark } from '../../record.ts'
import { isEventTime, nameTime } from '../event-time.ts'
import type { TakenRecords } from '../watermark-strategy.ts'

/**
 * The greatest watermark that a function of the program tells for the records of a batch, in their order. A record that
 * lies ahead of the limit is not shown to it; one on which it fails is to be skipped.
 * @param tell a watermark, or null or undefined.
 */
export function toldByRecords(
  { batch, limit, ahead, skipped }: TakenRecords,
  failures: RecordFailures,
  tell: (value: unknown, timestamp: number) => unknown,
): number {
  const { values, timestamps } = batch
  let watermark = minWatermark
  let index = 0
  while (index < values.length) {
    try {
      for (; index < values.length; index++) {
        if (timestamps[index] > limit) {
          ahead.push(index)
          continue
        }
        const told = tell(values[index], timestamps[index])
        if (told === undefined || told === null) continue
        if (!isEventTime(told)) {
          failures.unusable('LF_RECORD_EVENT_TIME', `its watermark is ${nameTime(told)}.`, { batch, index })
          skipped.push(index)
        } else if (told > limit) ahead.push(index)
        else if (told > watermark) watermark = told
      }
    } catch (thrown) {
      failures.threw(thrown, { batch, index })
      skipped.push(index++)
    }
  }
  return watermark
}
