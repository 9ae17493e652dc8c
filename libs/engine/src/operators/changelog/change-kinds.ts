import type { ChangeKind } from '@lightflus/api'
import type { RecordBatch } from '../../record.ts'

/** Whether the change puts a row in; the others take one back. Alone, the halves of an update are just that, too. */
export function putsIn(change: ChangeKind | undefined): boolean {
  return change === undefined || change === 'insert' || change === 'updateAfter'
}

/**
 * Whether this record and the next are the halves of an update of one key: together they make one change of the result,
 * where one after the other they would show what never was, such as an outer join's null between two partners.
 */
export function beginsUpdate({ changes, keys }: RecordBatch, index: number): boolean {
  if (changes === undefined || changes[index] !== 'updateBefore') return false
  return changes[index + 1] === 'updateAfter' && keys![index] === keys![index + 1]
}
