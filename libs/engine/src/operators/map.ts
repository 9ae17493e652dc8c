import type { RecordBatch } from '../record.ts'
import { withoutRecords, withValues } from '../record-batch.ts'
import { statelessOperator, type Operator, type OperatorContext, type Output } from './operator.ts'
import { refusePromises } from './record-failures.ts'
import { resultsOfBatch } from './whole-batch.ts'

/**
 * One record for each record: the function's result, with the event time of what it was made from. Keeps nothing, so a
 * watermark passes through and there is nothing to snapshot. A promise is an error, since no record waits for one.
 */
export function createMap({ operator, failures }: OperatorContext<'map'>): Operator {
  const { fn } = operator.functions
  return statelessOperator((batch: RecordBatch, output: Output) => {
    const { values } = batch
    const whole = resultsOfBatch(fn, values)
    if (whole !== undefined) return output.emit(withValues(batch, whole))
    const results: unknown[] = []
    const skipped: number[] = []
    let index = 0
    while (index < values.length) {
      try {
        for (; index < values.length; index++) results.push(fn(values[index]))
      } catch (thrown) {
        failures.threw(thrown, { batch, index })
        skipped.push(index++)
      }
    }
    refusePromises(results, failures)
    return output.emit(withValues(withoutRecords(batch, skipped), results))
  })
}
