import type { RecordBatch } from '../record.ts'
import { selectRecords } from '../record-batch.ts'
import { statelessOperator, type Operator, type OperatorContext, type Output } from './operator.ts'
import { isThenable } from './record-failures.ts'

/**
 * Only the records on which the function returns true, or what JavaScript takes for true. Keeps nothing, so a watermark
 * passes through and there is nothing to snapshot. A promise, which would always pass, is an error.
 */
export function createFilter({ operator, failures }: OperatorContext<'filter'>): Operator {
  const { fn } = operator.functions
  return statelessOperator((batch: RecordBatch, output: Output) => {
    const { values } = batch
    const kept: number[] = []
    let index = 0
    while (index < values.length) {
      try {
        for (; index < values.length; index++) {
          const passes: unknown = fn(values[index])
          if (passes === true) kept.push(index)
          else if (passes !== false && isTruthy(passes)) kept.push(index)
        }
      } catch (thrown) {
        failures.threw(thrown, { batch, index })
        index++
      }
    }
    if (kept.length > 0) return output.emit(kept.length === values.length ? batch : selectRecords(batch, kept))
  })

  function isTruthy(result: unknown): boolean {
    if (isThenable(result)) {
      result.then(undefined, () => {})
      failures.misuse('the function returned a promise, and no record waits for one.')
    }
    return Boolean(result)
  }
}
