import type { Clock } from '../connector.ts'
import { noTimestamp, type RecordBatch } from '../record.ts'
import { withoutRecords } from '../record-batch.ts'
import { describeTime } from '../operators/record-failures.ts'
import type { OperatorMetrics } from '../subtask/metrics.ts'
import type { PartitionWatermark, TakenRecords } from './watermark-strategy.ts'

export interface ClockGuardOptions {
  /** How far beyond the host's clock an event time may lie and still count, milliseconds; null: as far as it likes. */
  readonly maxClockAheadMs: number | null
  readonly clock: Clock
  readonly metrics: OperatorMetrics
  readonly log: (level: 'warn', message: string) => void
}

/**
 * Keeps the watermark from event times that no clock can have reached: one record of a machine whose clock runs ahead
 * would make all that follows late. Such records go on, counted in `recordsAhead` and told in the log now and then.
 */
export class ClockGuard {
  readonly #options: ClockGuardOptions

  constructor(options: ClockGuardOptions) {
    this.#options = options
  }

  /**
   * What records call for, with those ahead left out of account.
   * @param newest the greatest event time of the batch, or noTimestamp.
   * @returns the watermark, and the batch without the records that a function of the program failed on.
   */
  take(partition: PartitionWatermark, batch: RecordBatch, newest: number): { watermark: number; batch: RecordBatch } {
    const records: TakenRecords = { batch, newest, limit: this.limit(), ahead: [], skipped: [] }
    const watermark = partition.take(records)
    if (records.ahead.length > 0) this.#report(batch, records.ahead)
    return { watermark, batch: withoutRecords(batch, records.skipped) }
  }

  /** Beyond it nothing moves the watermark now. */
  limit(): number {
    const { maxClockAheadMs, clock } = this.#options
    return maxClockAheadMs === null ? Infinity : clock.now() + maxClockAheadMs
  }

  #report(batch: RecordBatch, ahead: readonly number[]): void {
    const { metrics, log, maxClockAheadMs } = this.#options
    const before = metrics.recordsAhead
    metrics.recordsAhead += ahead.length
    // A line per power of ten shows what is wrong and never floods the log.
    if (String(before).length === String(metrics.recordsAhead).length && before > 0) return
    const index = ahead[ahead.length - 1]
    const place = batch.origin ? `${batch.origin.partition}@${batch.origin.positions[index]}` : 'a record'
    const timestamp = batch.timestamps[index]
    log(
      'warn',
      `${metrics.recordsAhead} so far lie, or tell a watermark, more than ${maxClockAheadMs! / 1_000} s beyond this ` +
        `worker's clock, the latest ${place}${timestamp === noTimestamp ? '' : ` at ${describeTime(timestamp)}`}: ` +
        'they go on, but do not move the watermark.',
    )
  }
}
