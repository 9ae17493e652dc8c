import type { StateAccount } from '../../subtask/state-budget.ts'
import type { Operator } from '../operator.ts'

/** What an operator holds now. */
export interface StateSize {
  readonly entries: number
  /** About what they weigh. */
  readonly bytes: number
  /** What lies on disk beside. Absent: nothing. */
  readonly diskBytes?: number
}

export function addSizes(a: StateSize, b: StateSize): StateSize {
  return { entries: a.entries + b.entries, bytes: a.bytes + b.bytes }
}

/** An operator that can say what it holds, cheaply: it is asked after each batch and each watermark. */
export interface MeasuredOperator extends Operator {
  stateSize(): StateSize
}

/**
 * Has an operator tell what it holds whenever that may have changed.
 * @returns the same operator, whose calls then throw LF_STATE_TOO_LARGE once the slot holds more than it may.
 */
export function reportingState(operator: Operator, account: StateAccount): Operator {
  if (!isMeasured(operator)) return operator
  const { restore, processBatch, onWatermark, onProcessingTime, endInput } = operator
  const report = () => {
    const { entries, bytes, diskBytes } = operator.stateSize()
    account.report(entries, bytes, diskBytes)
  }
  const after = (wait: void | Promise<void>): void | Promise<void> => (wait ? wait.then(report) : report())
  operator.restore = (restored) => {
    restore.call(operator, restored)
    report()
  }
  operator.processBatch = (batch, output, input) => after(processBatch.call(operator, batch, output, input))
  operator.onWatermark = (watermark, output) => after(onWatermark.call(operator, watermark, output))
  operator.endInput = (output) => after(endInput.call(operator, output))
  if (onProcessingTime) operator.onProcessingTime = (now, output) => after(onProcessingTime.call(operator, now, output))
  return operator
}

function isMeasured(operator: Operator): operator is MeasuredOperator {
  return 'stateSize' in operator
}
