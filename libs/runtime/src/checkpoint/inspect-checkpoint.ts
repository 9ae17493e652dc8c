import type { OperatorKind } from '@lightflus/api'
import { readLog, type CheckpointStorage, type LoggedCheckpoint } from '@lightflus/storage'
import { readSnapshots } from './checkpoint-files.ts'
import type { SegmentName, StoredSnapshot } from './snapshot-format.ts'
import { keyGroupsOf } from './inspect-state.ts'

/** What a job's place holds: its checkpoints, and the state in one of them. */
export interface InspectedPlace {
  /** The newest attempt that claimed the job. */
  readonly attempt: number
  /** All that are kept, oldest first. */
  readonly checkpoints: readonly LoggedCheckpoint[]
  /** The one that was asked for; undefined: it is not kept. */
  readonly inspected: InspectedCheckpoint | undefined
}

export interface InspectedCheckpoint {
  readonly checkpoint: number
  /** In the order of their names. */
  readonly operators: readonly InspectedOperator[]
}

export interface InspectedOperator {
  readonly operator: string
  readonly kind: OperatorKind
  /** Subtasks that left state of it. */
  readonly subtasks: number
  /** Keys that it holds state of. */
  readonly keys: number
  /** Key groups that hold state of it. */
  readonly keyGroups: number
  /** State of keys, serialised and not compressed, bytes. */
  readonly keyedBytes: number
  /** Of the largest key group: far above the mean where keys are uneven. */
  readonly largestKeyGroupBytes: number
  /**
   * State of keys that lies in segments, bytes as on a slot's disk, values that are outdated since included. It is not
   * read: what else is said of keys is said without it.
   */
  readonly segmentBytes: number
  /** State that belongs to no key, such as positions and prepared output; serialised, bytes. */
  readonly otherBytes: number
}

/**
 * Reads what lies in a job's place, without claiming or changing anything: a job may run on meanwhile. One
 * subtask's snapshot at a time is in memory, and of that one key group's objects.
 * @param checkpoint its id; default: the newest
 * @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT and what the storage throws
 */
export async function inspectPlace(storage: CheckpointStorage, checkpoint?: number): Promise<InspectedPlace> {
  const { attempt, checkpoints } = await readLog(storage)
  const logged =
    checkpoint === undefined ? checkpoints.at(-1) : checkpoints.find((each) => each.checkpoint === checkpoint)
  if (!logged) return { attempt, checkpoints, inspected: undefined }
  const operators = await operatorsOf(readSnapshots(storage, logged))
  return { attempt, checkpoints, inspected: { checkpoint: logged.checkpoint, operators } }
}

async function operatorsOf(snapshots: AsyncIterable<StoredSnapshot>): Promise<InspectedOperator[]> {
  const found = new Map<string, InspectedOperator>()
  const segmentsSeen = new Set<string>()
  for await (const snapshot of snapshots) {
    for (const stored of snapshot.operators) {
      const { operator, kind, subtask, keyGroups, segments = [] } = stored
      const sizes = Array.from(keyGroups.values(), bytesOf)
      const before = found.get(operator)
      found.set(operator, {
        operator,
        kind,
        subtasks: (before?.subtasks ?? 0) + 1,
        keys: (before?.keys ?? 0) + keysOf(snapshot, stored),
        keyGroups: (before?.keyGroups ?? 0) + sizes.length,
        keyedBytes: sizes.reduce((sum, size) => sum + size, before?.keyedBytes ?? 0),
        largestKeyGroupBytes: Math.max(before?.largestKeyGroupBytes ?? 0, ...sizes),
        segmentBytes: (before?.segmentBytes ?? 0) + bytesOfUnseen(segmentsSeen, segments),
        otherBytes: (before?.otherBytes ?? 0) + subtask.byteLength,
      })
    }
  }
  return [...found.values()].sort((a, b) => (a.operator < b.operator ? -1 : 1))
}

/** A key is in one key group, so that no key is counted twice. */
function keysOf(snapshot: StoredSnapshot, stored: StoredSnapshot['operators'][number]): number {
  let count = 0
  for (const entries of keyGroupsOf(snapshot, stored)) count += new Set(Array.from(entries, ({ key }) => key)).size
  return count
}

/** Subtasks may share one. */
function bytesOfUnseen(seen: Set<string>, segments: readonly SegmentName[]): number {
  let sum = 0
  for (const { name, bytes } of segments) {
    if (!seen.has(name)) sum += bytes
    seen.add(name)
  }
  return sum
}

function bytesOf(state: Uint8Array | readonly Uint8Array[]): number {
  return state instanceof Uint8Array ? state.byteLength : state.reduce((sum, { byteLength }) => sum + byteLength, 0)
}
