import type { OperatorKind } from '@lightflus/api'
import { readLog, type CheckpointStorage, type LoggedCheckpoint } from '@lightflus/storage'
import { readCheckpoint } from './checkpoint-files.ts'
import type { StoredSnapshot } from './snapshot-format.ts'

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
  /** Key groups that hold state of it. */
  readonly keyGroups: number
  /** State of keys, serialised and not compressed, bytes. */
  readonly keyedBytes: number
  /** Of the largest key group: far above the mean where keys are uneven. */
  readonly largestKeyGroupBytes: number
  /** State that belongs to no key, such as positions and prepared output; serialised, bytes. */
  readonly otherBytes: number
}

/**
 * Reads what lies in a job's place, without claiming or changing anything: a job may run on meanwhile. Of the state only
 * sizes are looked at; a program's own objects are not built.
 * @param checkpoint its id; default: the newest
 * @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT and what the storage throws
 */
export async function inspectPlace(storage: CheckpointStorage, checkpoint?: number): Promise<InspectedPlace> {
  const { attempt, checkpoints } = await readLog(storage)
  const logged =
    checkpoint === undefined ? checkpoints.at(-1) : checkpoints.find((each) => each.checkpoint === checkpoint)
  if (!logged) return { attempt, checkpoints, inspected: undefined }
  const { snapshots } = await readCheckpoint(storage, logged)
  return { attempt, checkpoints, inspected: { checkpoint: logged.checkpoint, operators: operatorsOf(snapshots) } }
}

function operatorsOf(snapshots: readonly StoredSnapshot[]): InspectedOperator[] {
  const found = new Map<string, InspectedOperator>()
  for (const { operators } of snapshots) {
    for (const { operator, kind, subtask, keyGroups } of operators) {
      const sizes = Array.from(keyGroups.values(), bytesOf)
      const before = found.get(operator)
      found.set(operator, {
        operator,
        kind,
        subtasks: (before?.subtasks ?? 0) + 1,
        keyGroups: (before?.keyGroups ?? 0) + sizes.length,
        keyedBytes: sizes.reduce((sum, size) => sum + size, before?.keyedBytes ?? 0),
        largestKeyGroupBytes: Math.max(before?.largestKeyGroupBytes ?? 0, ...sizes),
        otherBytes: (before?.otherBytes ?? 0) + subtask.byteLength,
      })
    }
  }
  return [...found.values()].sort((a, b) => (a.operator < b.operator ? -1 : 1))
}

function bytesOf(state: Uint8Array | readonly Uint8Array[]): number {
  return state instanceof Uint8Array ? state.byteLength : state.reduce((sum, { byteLength }) => sum + byteLength, 0)
}
