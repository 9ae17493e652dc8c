import type { RecordBatch } from './record.ts'

/** The records at these indices, in this order. */
export function selectRecords(batch: RecordBatch, indices: readonly number[]): RecordBatch {
  return {
    values: select(batch.values, indices),
    timestamps: select(batch.timestamps, indices),
    ...(batch.keys && { keys: select(batch.keys, indices) }),
    ...(batch.changes && { changes: select(batch.changes, indices) }),
    ...(batch.origin && {
      origin: { partition: batch.origin.partition, positions: select(batch.origin.positions, indices) },
    }),
  }
}

/** All records but those at these indices, which rise. */
export function withoutRecords(batch: RecordBatch, skipped: readonly number[]): RecordBatch {
  if (skipped.length === 0) return batch
  const kept: number[] = []
  let next = 0
  for (let index = 0; index < batch.values.length; index++) {
    if (index === skipped[next]) next++
    else kept.push(index)
  }
  return selectRecords(batch, kept)
}

/** The same records with other values; they have no key any more. */
export function withValues(batch: RecordBatch, values: readonly unknown[]): RecordBatch {
  const { timestamps, changes, origin } = batch
  return { values, timestamps, ...(changes && { changes }), ...(origin && { origin }) }
}

function select<T>(all: readonly T[], indices: readonly number[]): T[] {
  const selected: T[] = []
  for (let i = 0; i < indices.length; i++) selected.push(all[indices[i]])
  return selected
}
