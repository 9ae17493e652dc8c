import type { CustomWatermark, FieldWatermark, SourceFunctions, WatermarkKind } from '@lightflus/api'
import type { RecordFailures } from '../operators/record-failures.ts'
import type { RecordBatch } from '../record.ts'
import { atEnd } from './strategies/at-end.ts'
import { boundedOutOfOrderness } from './strategies/bounded-out-of-orderness.ts'
import { custom } from './strategies/custom.ts'
import { fromField } from './strategies/from-field.ts'

/** What the records of one partition say about its watermark. Whoever uses it sees to it that none goes back. */
export interface PartitionWatermark {
  /** @returns the watermark that the records call for, in their order, or minWatermark. */
  take(records: TakenRecords): number
  /** After each batch and while there is none: the watermark that is called for now, or minWatermark. */
  onPeriodic(now: number): number
  /** What a checkpoint keeps beside the watermark itself; undefined: nothing. May be live. */
  snapshot(): unknown
}

/** Records of one partition, and what is to be said of them. */
export interface TakenRecords {
  readonly batch: RecordBatch
  /** The greatest event time of the batch, or noTimestamp. */
  readonly newest: number
  /** Event times and watermarks beyond it must not count. */
  readonly limit: number
  /** To be filled: which records lie beyond the limit, or tell a watermark that does; rising. */
  readonly ahead: number[]
  /** To be filled: which records a function of the program failed on, rising. They are reported already. */
  readonly skipped: number[]
}

/** Makes the watermark of a partition. `restored`: what its snapshot was, undefined where there is none. */
export type WatermarkStrategy = (restored: unknown) => PartitionWatermark

export function createWatermarkStrategy(
  watermark: WatermarkKind,
  functions: SourceFunctions['watermark'],
  failures: RecordFailures,
): WatermarkStrategy {
  switch (watermark.kind) {
    case 'boundedOutOfOrderness':
      return boundedOutOfOrderness(watermark.outOfOrdernessMs)
    case 'monotonic':
      return boundedOutOfOrderness(0)
    case 'atEnd':
      return atEnd
    case 'fromField':
      return fromField(functions as FieldWatermark<unknown>, failures)
    case 'custom':
      return custom(functions as CustomWatermark<unknown, unknown>, failures)
  }
}
