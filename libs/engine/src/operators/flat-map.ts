import type { RecordBatch } from '../record.ts'
import { emitEach, emittedRecordsMax, statelessOperator, type Operator, type OperatorContext } from './operator.ts'
import { typeOf, type RecordFailures } from './record-failures.ts'

/**
 * Any number of records for each record: what the function's result iterates over, each with the event time of what it
 * was made from. Keeps nothing, so a watermark passes through and there is nothing to snapshot. Results are emitted
 * once there are {@link emittedRecordsMax} of them, so that records with many results make no endless batch.
 */
export function createFlatMap({ operator, failures }: OperatorContext<'flatMap'>): Operator {
  const { fn } = operator.functions
  return statelessOperator((batch, output) => emitEach(flatten(batch, fn, failures), output))
}

interface Piece {
  readonly values: unknown[]
  readonly timestamps: number[]
  readonly positions: (number | string)[]
}

function* flatten(
  batch: RecordBatch,
  fn: (value: unknown) => Iterable<unknown>,
  failures: RecordFailures,
): Generator<RecordBatch, void> {
  let piece: Piece = { values: [], timestamps: [], positions: [] }
  for (let index = 0; index < batch.values.length; index++) {
    const before = piece.values.length
    try {
      append(piece.values, fn(batch.values[index]), failures)
    } catch (thrown) {
      failures.threw(thrown, { batch, index })
      // A generator may have yielded some results before it threw: the record counts as a whole or not at all.
      piece.values.length = before
    }
    for (let i = before; i < piece.values.length; i++) {
      piece.timestamps.push(batch.timestamps[index])
      if (batch.origin) piece.positions.push(batch.origin.positions[index])
    }
    if (piece.values.length >= emittedRecordsMax) {
      yield toBatch(piece, batch)
      piece = { values: [], timestamps: [], positions: [] }
    }
  }
  if (piece.values.length > 0) yield toBatch(piece, batch)
}

function append(values: unknown[], results: Iterable<unknown>, failures: RecordFailures): void {
  if (Array.isArray(results)) for (let i = 0; i < results.length; i++) values.push(results[i])
  else if (typeof results?.[Symbol.iterator] === 'function') for (const result of results) values.push(result)
  else failures.misuse(`the function returned ${typeOf(results)}, which cannot be iterated over.`)
}

function toBatch({ values, timestamps, positions }: Piece, { origin }: RecordBatch): RecordBatch {
  return { values, timestamps, ...(origin && { origin: { partition: origin.partition, positions } }) }
}
