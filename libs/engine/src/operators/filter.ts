import type { RecordBatch } from '../record.ts'
import { selectRecords } from '../record-batch.ts'
import { statelessOperator, type Operator, type OperatorContext, type Output } from './operator.ts'
import { isThenable, type RecordFailures } from './record-failures.ts'
import { resultsOfBatch } from './whole-batch.ts'

/**
 * Only the records on which the function returns true, or what JavaScript takes for true. Keeps nothing, so a watermark
 * passes through and there is nothing to snapshot. A promise, which would always pass, is an error.
 */
export function createFilter({ operator, failures }: OperatorContext<'filter'>): Operator {
  const { fn } = operator.functions
  return statelessOperator((batch: RecordBatch, output: Output) => {
    const { values } = batch
    const whole = resultsOfBatch(fn, values)
    if (whole !== undefined) return emitPassing(batch, whole, output)
    const kept: number[] = []
    let index = 0
    while (index < values.length) {
      try {
        for (; index < values.length; index++) {
          const passes: unknown = fn(values[index])
          if (passes === true) kept.push(index)
          else if (passes !== false && isTruthyResult(passes, failures)) kept.push(index)
        }
      } catch (thrown) {
        failures.threw(thrown, { batch, index })
        index++
      }
    }
    return emitKept(batch, kept, output)
  })
}

/** What JavaScript takes for true. @throws LF_USER_RESULT for a promise */
export function isTruthyResult(result: unknown, failures: RecordFailures): boolean {
  if (isThenable(result)) {
    result.then(undefined, () => {})
    failures.misuse('the function returned a promise, and no record waits for one.')
  }
  return Boolean(result)
}

function emitPassing(batch: RecordBatch, passes: readonly unknown[], output: Output): void | Promise<void> {
  const kept: number[] = []
  for (let index = 0; index < passes.length; index++) if (passes[index] === true) kept.push(index)
  return emitKept(batch, kept, output)
}

function emitKept(batch: RecordBatch, kept: readonly number[], output: Output): void | Promise<void> {
  if (kept.length > 0) return output.emit(kept.length === batch.values.length ? batch : selectRecords(batch, kept))
}
