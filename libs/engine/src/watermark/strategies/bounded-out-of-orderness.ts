import { minWatermark, noTimestamp } from '../../record.ts'
import type { TakenRecords, WatermarkStrategy } from '../watermark-strategy.ts'

/** The newest event time less a bound on the disorder. Needs no look at the records but where one lies ahead. */
export function boundedOutOfOrderness(outOfOrdernessMs: number): WatermarkStrategy {
  const watermark = {
    take(records: TakenRecords) {
      const newest = records.newest <= records.limit ? records.newest : newestWithin(records)
      return newest === noTimestamp ? minWatermark : newest - outOfOrdernessMs
    },
    onPeriodic: () => minWatermark,
    snapshot: () => undefined,
  }
  return () => watermark
}

function newestWithin({ batch: { timestamps }, limit, ahead }: TakenRecords): number {
  let newest = noTimestamp
  for (let index = 0; index < timestamps.length; index++) {
    const timestamp = timestamps[index]
    if (timestamp > limit) ahead.push(index)
    else if (timestamp > newest) newest = timestamp
  }
  return newest
}
