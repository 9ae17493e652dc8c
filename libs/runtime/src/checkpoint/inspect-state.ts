import { serialize } from 'node:v8'
import type { OperatorKind } from '@lightflus/api'
import { keyGroupOf, stateEntries, type StateEntry } from '@lightflus/engine'
import type { CheckpointStorage, LoggedCheckpoint } from '@lightflus/storage'
import { readSnapshots, type ReadCheckpoint } from './checkpoint-files.ts'
import { deserializeShare } from './snapshot-codec.ts'

type Stored = ReadCheckpoint['snapshots'][number]
type StoredOperator = Stored['operators'][number]

export interface InspectedEntry extends StateEntry {
  readonly operator: string
  readonly kind: OperatorKind
}

export interface EntryQuery {
  readonly operator: string
  /** As text: the number and the truth value that read so are meant, too. Default: all. */
  readonly key?: string | undefined
}

/**
 * What an operator keeps in a checkpoint, key by key. One subtask's snapshot at a time is in memory, and of that the objects
 * of one key group.
 * @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT and what the storage throws
 */
export async function* inspectEntries(
  storage: CheckpointStorage,
  logged: LoggedCheckpoint,
  { operator, key }: EntryQuery,
): AsyncGenerator<InspectedEntry, void> {
  const groups = key === undefined ? undefined : new Set(keysReading(key).map(keyGroupOf))
  for await (const snapshot of readSnapshots(storage, logged)) {
    for (const stored of snapshot.operators) {
      if (stored.operator !== operator) continue
      for (const entries of keyGroupsOf(snapshot, stored, groups))
        for (const entry of entries)
          if (key === undefined || String(entry.key) === key) yield { operator, kind: stored.kind, ...entry }
    }
  }
}

/** The keys that a text may stand for. */
function keysReading(text: string): (string | number | boolean)[] {
  const number = Number(text)
  return [
    text,
    ...(String(number) === text ? [number] : []),
    ...(text === 'true' || text === 'false' ? [text === 'true'] : []),
  ]
}

/** The entries of each key group, which is read only when its turn comes. @param wanted default: all */
export function* keyGroupsOf(
  snapshot: Stored,
  stored: StoredOperator,
  wanted?: ReadonlySet<number>,
): Generator<Iterable<StateEntry>, void> {
  for (const [keyGroup, bytes] of stored.keyGroups) {
    if (wanted !== undefined && !wanted.has(keyGroup)) continue
    const alone = { ...stored, keyGroups: new Map([[keyGroup, bytes]]) }
    const [read] = deserializeShare(new Uint8Array(serialize([{ ...snapshot, operators: [alone] }])))
    const [operator] = read!.operators
    yield stateEntries(operator!, operator!.keyGroups.get(keyGroup))
  }
}
