import type { ChangeKind } from '@lightflus/api'
import type { RecordBatch } from '../record.ts'
import { emitEach, emittedRecordsMax, statelessOperator, type Operator, type OperatorContext } from './operator.ts'
import { typeOf, type RecordFailures } from './record-failures.ts'

/**
 * Any number of records for each record: what the function's result iterates over, each with the event time of what it
 * was made from. Keeps nothing, so a watermark passes through and there is nothing to snapshot. Results are emitted
 * once there are {@link emittedRecordsMax} of them, so that records with many results make no endless batch. In a
 * changelog a row that is taken back takes its results back; an update stays one where there is one result before and after.
 */
export function createFlatMap({ operator, failures }: OperatorContext<'flatMap'>): Operator {
  const { fn } = operator.functions
  return statelessOperator((batch, output) => emitEach(flatten(batch, fn, failures), output))
}

interface Piece {
  readonly values: unknown[]
  readonly timestamps: number[]
  readonly positions: (number | string)[]
  readonly changes: ChangeKind[]
}

const emptyPiece = (): Piece => ({ values: [], timestamps: [], positions: [], changes: [] })

function* flatten(
  batch: RecordBatch,
  fn: (value: unknown) => Iterable<unknown>,
  failures: RecordFailures,
): Generator<RecordBatch, void> {
  let piece = emptyPiece()
  let beforeUpdate = 0
  for (let index = 0; index < batch.values.length; index++) {
    const before = piece.values.length
    try {
      appendResults(piece.values, fn(batch.values[index]), failures)
    } catch (thrown) {
      failures.threw(thrown, { batch, index })
      // A generator may have yielded some results before it threw: the record counts as a whole or not at all.
      piece.values.length = before
    }
    for (let i = before; i < piece.values.length; i++) {
      piece.timestamps.push(batch.timestamps[index])
      if (batch.origin) piece.positions.push(batch.origin.positions[index])
    }
    if (batch.changes) {
      for (let i = before; i < piece.values.length; i++) piece.changes.push(batch.changes[index])
      if (batch.changes[index] === 'updateAfter') dissolveUpdate(piece.changes, beforeUpdate, before)
      beforeUpdate = before
      // The two halves of an update belong into one batch.
      if (batch.changes[index] === 'updateBefore') continue
    }
    if (piece.values.length >= emittedRecordsMax) {
      yield toBatch(piece, batch)
      piece = emptyPiece()
    }
  }
  if (piece.values.length > 0) yield toBatch(piece, batch)
}

/**
 * What one row has become and what another becomes instead are an update only where they are one row each.
 * @param from where the results of the record before begin, and `to` those of the `updateAfter`.
 */
function dissolveUpdate(changes: ChangeKind[], from: number, to: number): void {
  if (to - from === 1 && changes.length - to === 1) return
  for (let i = from; i < to; i++) if (changes[i] === 'updateBefore') changes[i] = 'delete'
  for (let i = to; i < changes.length; i++) changes[i] = 'insert'
}

/** Adds what a function yielded for one record. @throws LF_USER_RESULT where that is nothing to iterate over */
export function appendResults(values: unknown[], results: Iterable<unknown>, failures: RecordFailures): void {
  if (Array.isArray(results)) for (let i = 0; i < results.length; i++) values.push(results[i])
  else if (typeof results?.[Symbol.iterator] === 'function') for (const result of results) values.push(result)
  else failures.misuse(`the function returned ${typeOf(results)}, which cannot be iterated over.`)
}

function toBatch(piece: Piece, { origin, changes: given }: RecordBatch): RecordBatch {
  const { values, timestamps, positions, changes } = piece
  return {
    values,
    timestamps,
    ...(given && { changes }),
    ...(origin && { origin: { partition: origin.partition, positions } }),
  }
}
