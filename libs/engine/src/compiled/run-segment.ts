import type { Key } from '@lightflus/api'
import { isTruthyResult } from '../operators/filter.ts'
import { appendResults } from '../operators/flat-map.ts'
import { refuseKey } from '../operators/key-by.ts'
import type { Output } from '../operators/operator.ts'
import { refusePromises, type FailedRecord } from '../operators/record-failures.ts'
import type { RecordBatch } from '../record.ts'
import { withoutRecords } from '../record-batch.ts'
import type { OperatorMetrics } from '../subtask/metrics.ts'
import { keysAt, makesValues, segmentSource, makesTimes, type SegmentStep } from './segment-source.ts'
import { functionOf, kindOf, type Segment } from './segments.ts'
import { functionOfText } from './source-text.ts'

/** What the generated text of a segment calls, and the program's functions, by number of the step. */
interface SegmentRuntime {
  readonly functions: readonly unknown[]
  readonly metrics: readonly OperatorMetrics[]
  /** A function threw: rethrows, or counts the record as skipped. */
  failed(step: number, thrown: unknown, batch: RecordBatch, row: number, key: Key | undefined): void
  refusePromise(step: number, result: unknown): void
  isTruthy(step: number, result: unknown): boolean
  unusableKey(step: number, result: unknown, batch: RecordBatch, row: number, key: Key | undefined): void
  append(step: number, values: unknown[], results: Iterable<unknown>): void
}

/** Takes records from one on, as many as make a batch. */
type SegmentLoop = (batch: RecordBatch, from: number) => Taken

interface Taken {
  /** The first record that it has not taken. */
  readonly next: number
  /** Where the segment makes values or keys: those of its results. */
  readonly results?: unknown[]
  readonly keys?: Key[]
  /** Where it makes times: those of its results, and where they came from. */
  readonly times?: number[]
  readonly positions?: (number | string)[]
  readonly rows?: number[]
  /** Where it makes none: which records have no result, rising. */
  readonly skipped: number[]
}

/** What a segment's text is made of. */
export const stepsOf = (segment: Segment): SegmentStep[] =>
  segment.map((member) => ({ operator: member.definition.node.id, kind: kindOf(member) }))

/**
 * One loop in place of a segment's operators, which it equals in all but this: each record goes through all of them before
 * the next one does. Not for batches of a changelog.
 *
 * @param title says whose it is, in a comment. Machines share what they learn between functions of one text, so no other
 * subtask of the thread may have the same.
 * @param output of the last operator.
 * @returns undefined where code must not be made of text (a page's Content-Security-Policy).
 */
export function compileSegment(
  segment: Segment,
  title: string,
  output: Output,
): ((batch: RecordBatch) => void | Promise<void>) | undefined {
  const steps = stepsOf(segment)
  const loop = functionOfText<SegmentRuntime, SegmentLoop>(segmentSource(title, steps), runtimeOf(segment, steps))
  if (loop === undefined) return undefined
  const toBatch = batchMaker(steps)

  function takeFrom(batch: RecordBatch, from: number): void | Promise<void> {
    for (let next = from; next < batch.values.length;) {
      const taken = loop!(batch, next)
      next = taken.next
      const wait = output.emit(toBatch(batch, taken))
      if (wait) return next < batch.values.length ? wait.then(() => takeFrom(batch, next)) : wait
    }
  }
  return (batch) => takeFrom(batch, 0)
}

function runtimeOf(segment: Segment, steps: readonly SegmentStep[]): SegmentRuntime {
  const keys = keysAt(steps)
  const failuresOf = (step: number) => segment[step].failures
  const failedRecord = (step: number, batch: RecordBatch, row: number, key?: Key): FailedRecord => {
    const { [row]: timestamp } = batch.timestamps
    const own = keys[step] === 'made' ? key : keys[step] === 'given' ? batch.keys?.[row] : undefined
    const origin = batch.origin && { ...batch.origin, positions: [batch.origin.positions[row]] }
    return {
      batch: {
        values: [],
        timestamps: [timestamp],
        ...(own !== undefined && { keys: [own] }),
        ...(origin && { origin }),
      },
      index: 0,
    }
  }
  return {
    functions: segment.map(functionOf),
    metrics: segment.map((member) => member.metrics),
    failed: (step, thrown, batch, row, key) => failuresOf(step).threw(thrown, failedRecord(step, batch, row, key)),
    refusePromise: (step, result) => refusePromises([result], failuresOf(step)),
    isTruthy: (step, result) => isTruthyResult(result, failuresOf(step)),
    unusableKey: (step, result, batch, row, key) =>
      refuseKey(result, failuresOf(step), failedRecord(step, batch, row, key)),
    append: (step, values, results) => appendResults(values, results, failuresOf(step)),
  }
}

/** What a loop has taken, as a batch: of arrays of the batch that came in wherever all of its records have gone through. */
function batchMaker(steps: readonly SegmentStep[]): (batch: RecordBatch, taken: Taken) => RecordBatch {
  const keysLeft = keysAt(steps).at(-1)!
  if (makesTimes(steps))
    return ({ keys: given, origin, scanned }, { results, keys, times, positions, rows }) => ({
      values: results!,
      timestamps: times!,
      ...((keysLeft === 'made' || (keysLeft === 'given' && given)) && { keys }),
      ...(origin && { origin: { partition: origin.partition, positions: positions! } }),
      ...(scanned && { scanned: { columns: scanned.columns, rows: rows! } }),
    })

  const isMapping = makesValues(steps)
  return (batch, { results, keys: made, skipped }) => {
    const { values, keys: given, ...rest } = withoutRecords(batch, skipped)
    const keys = keysLeft === 'made' ? made : keysLeft === 'given' ? given : undefined
    return { ...rest, values: isMapping ? results! : values, ...(keys && { keys }) }
  }
}
