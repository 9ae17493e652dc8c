import type { ChangeKind } from '@lightflus/api'
import type { RecordBatch } from './record.ts'

/** The records at these indices, which rise. An update of which only one half is among them becomes a delete or an insert. */
export function selectRecords(batch: RecordBatch, indices: readonly number[]): RecordBatch {
  return {
    values: select(batch.values, indices),
    timestamps: select(batch.timestamps, indices),
    ...(batch.keys && { keys: select(batch.keys, indices) }),
    ...(batch.changes && { changes: selectChanges(batch.changes, indices) }),
    ...(batch.origin && {
      origin: { partition: batch.origin.partition, positions: select(batch.origin.positions, indices) },
    }),
    ...(batch.scanned && { scanned: { ...batch.scanned, rows: select(batch.scanned.rows, indices) } }),
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

function selectChanges(changes: readonly ChangeKind[], indices: readonly number[]): ChangeKind[] {
  const selected = select(changes, indices)
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]
    if (selected[i] === 'updateBefore' && changes[index + 1] === 'updateAfter') {
      if (indices[i + 1] !== index + 1) selected[i] = 'delete'
    } else if (selected[i] === 'updateAfter' && changes[index - 1] === 'updateBefore') {
      if (indices[i - 1] !== index - 1) selected[i] = 'insert'
    }
  }
  return selected
}

function select<T>(all: readonly T[], indices: readonly number[]): T[] {
  const selected: T[] = []
  for (let i = 0; i < indices.length; i++) selected.push(all[indices[i]])
  return selected
}
