import { maxWatermark, minWatermark } from '../record.ts'
import type { Operator, Output } from './operator.ts'

/**
 * For an operator whose results may change until the input has ended: in a bounded job it emits them once, when the last
 * watermark has come. What follows hears of no watermark before that, or the results would be late there.
 * @param emit all results, and forgets what they were made of: restored from what is left, the job must not emit them again.
 */
export function finalResults(
  bounded: boolean,
  emit: (output: Output) => void | Promise<void>,
): Pick<Operator, 'onWatermark' | 'outputWatermark'> {
  if (!bounded) return { onWatermark() {} }
  return {
    onWatermark: (watermark, output) => (watermark === maxWatermark ? emit(output) : undefined),
    outputWatermark: (incoming) => (incoming === maxWatermark ? incoming : minWatermark),
  }
}
