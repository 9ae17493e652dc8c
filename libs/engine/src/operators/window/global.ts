import { maxWatermark, minWatermark } from '../../record.ts'
import type { WindowAssigner } from './assigner.ts'

/** One window for all time, which ends with the input. */
export const globalAssigner: WindowAssigner = {
  shape: 'global',
  isMerging: false,
  time: null,
  assign(_time, _value, bounds) {
    bounds[0] = minWatermark
    bounds[1] = maxWatermark
    return 1
  },
}
