import { minWatermark } from '../../record.ts'
import type { PartitionWatermark } from '../watermark-strategy.ts'

/** No watermark at all: that at the end of the input is the only one. */
export const atEnd = (): PartitionWatermark => ({
  take: () => minWatermark,
  onPeriodic: () => minWatermark,
  snapshot: () => undefined,
})
