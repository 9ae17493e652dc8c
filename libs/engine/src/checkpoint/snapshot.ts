import type { OperatorKind } from '@lightflus/api'
import type { SubtaskAddress } from '../plan/plan.ts'
import type { FrozenState } from './frozen-state.ts'
import type { RestoredSegment, StateSegment } from './state-segment.ts'

export const snapshotFormatVersion = 1

/**
 * One subtask's part of a checkpoint: only what structured clone can copy. It refers to live state, so whoever is
 * handed it serialises or clones it before returning.
 */
export interface SubtaskSnapshot extends SubtaskAddress {
  readonly formatVersion: typeof snapshotFormatVersion
  readonly operators: readonly OperatorSnapshot[]
}

/** Sinks for which the snapshot holds output that is prepared and yet to be committed. */
export function sinksWithOutput({ operators }: SubtaskSnapshot): string[] {
  return operators.filter(({ kind }) => kind === 'sink').map(({ operator }) => operator)
}

/** One operator's state in one subtask. Operators without state have none. */
export interface OperatorSnapshot {
  readonly operator: string
  readonly kind: OperatorKind
  /** State that belongs to the subtask as a whole (source positions, watermark). Every new subtask gets all of them. */
  readonly subtask: unknown
  /** State of keys, by key group: it moves with the group. */
  readonly keyGroups: ReadonlyMap<number, unknown>
  /** Takes the place of `keyGroups`, which is then empty, where a subtask freezes its state (SubtaskOptions.freezesState). */
  readonly frozen?: FrozenState
  /** State of keys that lies in files, oldest first, beside what `keyGroups` or `frozen` give, which is newer. */
  readonly segments?: readonly StateSegment[]
  /**
   * Comes with `segments`. Called once, when the files are stored or the checkpoint has come to nothing, or at the end of
   * the attempt not at all: until then the files stay as they are.
   */
  readonly releaseSegments?: () => void
}

/** What an operator of a new subtask restores from: its share of all old subtasks' snapshots. */
export interface OperatorRestore {
  readonly subtasks: readonly unknown[]
  readonly keyGroups: ReadonlyMap<number, unknown>
  /** Of each former subtask oldest first; what `keyGroups` holds is newer. Absent: there are none. */
  readonly segments?: readonly RestoredSegment[]
  /** States of the operator that it may leave out where it cannot take them; `all`: each. Absent: none. */
  readonly dropped?: readonly string[]
}

/** By operator id; operators of the chain that had no state are absent. */
export type SubtaskRestore = ReadonlyMap<string, OperatorRestore>
