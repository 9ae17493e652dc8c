import type { CustomWatermark } from '@lightflus/api'
import type { RecordFailures } from '../../operators/record-failures.ts'
import { minWatermark, noTimestamp } from '../../record.ts'
import { isEventTime, nameTime } from '../event-time.ts'
import type { WatermarkStrategy } from '../watermark-strategy.ts'
import { toldByRecords } from './told.ts'

/** A rule of the program, with state of its own. */
export function custom(rule: CustomWatermark<unknown, unknown>, failures: RecordFailures): WatermarkStrategy {
  return (restored) => {
    const state = restored === undefined ? rule.state() : restored
    const tell = (value: unknown, timestamp: number) =>
      rule.onRecord(state, value, timestamp === noTimestamp ? null : timestamp)
    return {
      take: (records) => toldByRecords(records, failures, tell),
      onPeriodic(now) {
        let told: unknown
        try {
          told = rule.onPeriodic?.(state, now)
        } catch (thrown) {
          failures.threw(thrown, undefined)
        }
        if (told === undefined || told === null) return minWatermark
        if (isEventTime(told)) return told
        failures.unusable('LF_RECORD_EVENT_TIME', `onPeriodic told the watermark ${nameTime(told)}.`, undefined)
        return minWatermark
      },
      snapshot: () => state,
    }
  }
}
