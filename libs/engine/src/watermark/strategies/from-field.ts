import type { FieldWatermark } from '@lightflus/api'
import type { RecordFailures } from '../../operators/record-failures.ts'
import { minWatermark } from '../../record.ts'
import type { WatermarkStrategy } from '../watermark-strategy.ts'
import { toldByRecords } from './told.ts'

/** The greatest watermark that any record has told. */
export function fromField({ from }: FieldWatermark<unknown>, failures: RecordFailures): WatermarkStrategy {
  return () => ({
    take: (records) => toldByRecords(records, failures, from),
    onPeriodic: () => minWatermark,
    snapshot: () => undefined,
  })
}
