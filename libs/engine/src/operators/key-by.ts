import type { Key } from '@lightflus/api'
import type { RecordBatch } from '../record.ts'
import { withoutRecords } from '../record-batch.ts'
import { statelessOperator, type Operator, type OperatorContext, type Output } from './operator.ts'
import { typeOf, type FailedRecord, type RecordFailures } from './record-failures.ts'

/**
 * The same records with their keys. It stands at the end of a chain: the exchange behind it sends each record to the
 * subtask that owns its key's group. Keeps nothing, so a watermark passes through and there is nothing to snapshot.
 * A key is text, a boolean, or a number other than NaN, which equals nothing.
 */
export function createKeyBy({ operator, failures }: OperatorContext<'keyBy'>): Operator {
  const keyOf = operator.functions.key
  return statelessOperator((batch: RecordBatch, output: Output) => {
    const { values } = batch
    const keys: Key[] = []
    const skipped: number[] = []
    let index = 0
    while (index < values.length) {
      let key: unknown
      try {
        for (; index < values.length; index++) {
          key = keyOf(values[index])
          if (!isKey(key)) break
          keys.push(key)
        }
      } catch (thrown) {
        failures.threw(thrown, { batch, index })
        skipped.push(index++)
        continue
      }
      if (index === values.length) break
      refuseKey(key, failures, { batch, index })
      skipped.push(index++)
    }
    if (keys.length > 0) return output.emit({ ...withoutRecords(batch, skipped), keys })
  })
}

export function refuseKey(key: unknown, failures: RecordFailures, record: FailedRecord): void {
  failures.unusable('LF_USER_RESULT', `the key is ${typeOf(key)}, not text, a number or a boolean.`, record)
}

function isKey(key: unknown): key is Key {
  return typeof key === 'string' || (typeof key === 'number' && key === key) || typeof key === 'boolean'
}
