import type { ChangeKind } from '@lightflus/api'

/** What becomes of the row that a record of a changelog is about. */
export type RowWrite =
  | 'put'
  | 'remove'
  /** Nothing: the row that takes its place follows. */
  | 'leave'

/**
 * What each record of a write does to the row of its key. An `updateBefore` takes its row back, unless a row of the same
 * key follows at once and so replaces it: where an update gives the row another key, the old one has to go.
 * @param keys of the records; undefined: the record is not written
 */
export function rowWrites(
  changes: readonly ChangeKind[],
  keys: readonly (string | undefined)[],
): readonly (RowWrite | undefined)[] {
  const writes = new Array<RowWrite | undefined>(keys.length).fill(undefined)
  /** Of each key, what comes after the record that is looked at. */
  const following = new Map<string, RowWrite>()
  for (let index = keys.length - 1; index >= 0; index--) {
    const key = keys[index]
    if (key === undefined) continue
    const write = writeOf(changes[index]!, following.get(key))
    writes[index] = write
    following.set(key, write)
  }
  return writes
}

function writeOf(change: ChangeKind, following: RowWrite | undefined): RowWrite {
  if (change === 'insert' || change === 'updateAfter') return 'put'
  return change === 'updateBefore' && following === 'put' ? 'leave' : 'remove'
}
