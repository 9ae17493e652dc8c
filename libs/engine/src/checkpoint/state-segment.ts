import { keyGroupCount } from '../key-group.ts'

/**
 * A part of an operator's keyed state that lies in a file of the slot's disk and never changes again. Snapshots of one
 * checkpoint after the other name it, and only the first of them has it stored.
 *
 * 1. A snapshot names all segments of which the state at the barrier is made, oldest first: read in that order, what comes
 *    later stands for what came before of the same key.
 * 2. A name is never used again in the job's life, not by another attempt either; one that is restored keeps its name.
 * 3. A segment that a snapshot does not name is named by no later one.
 * 4. The file stays where it is, unchanged, until the snapshot's `releaseSegments` is called.
 */
export interface StateSegment {
  /** Of attempt, chain, operator, subtask, and a number of its own. */
  readonly name: string
  /** Of the file. */
  readonly path: string
  readonly bytes: number
  /**
   * What of it is state. Absent: all of the subtask's key groups. A segment that was restored may be named again as it was
   * given, also several times with different key groups, and need not be written anew.
   */
  readonly keyGroups?: KeyGroupRange
}

/** A segment of a former subtask, on this slot's disk again: it stays there, unchanged, as long as the attempt runs. */
export interface RestoredSegment extends StateSegment {
  /**
   * What to take from it; the rest belongs to other subtasks, or did when the snapshot was made, and may be outdated. In
   * the order in which segments are given, what comes later stands for what came before of the same key.
   */
  readonly keyGroups: KeyGroupRange
}

/** Both are within. */
export interface KeyGroupRange {
  readonly first: number
  readonly last: number
}

/** The key groups of a subtask. */
export function keyGroupsOfSubtask(index: number, parallelism: number): KeyGroupRange {
  const first = Math.ceil((index * keyGroupCount) / parallelism)
  return { first, last: Math.ceil(((index + 1) * keyGroupCount) / parallelism) - 1 }
}

/** Undefined: they have none in common. */
export function commonKeyGroups(a: KeyGroupRange, b: KeyGroupRange): KeyGroupRange | undefined {
  const both = { first: Math.max(a.first, b.first), last: Math.min(a.last, b.last) }
  return both.first <= both.last ? both : undefined
}
