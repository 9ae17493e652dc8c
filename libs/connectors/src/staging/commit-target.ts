import type { StagedSegment } from './staged-output.ts'

/**
 * A system that can write many rows and move a number at once, or do neither. The number is the marker of a sink's
 * subtask: the checkpoint up to which its output is there. Beside it stands the attempt that may move it.
 */
export interface CommitTarget {
  /**
   * Gives the markers of these subtasks to this attempt, which makes those that are not there (at 0), and returns where
   * each stands. From then on no former attempt can write. Idempotent.
   * @throws LF_ATTEMPT_FENCED where a newer attempt has one of them
   */
  claim(subtasks: readonly number[]): Promise<ReadonlyMap<number, number>>
  /**
   * Writes it and moves the marker, all at once, as soon as the system lets it. Where that was done already it does nothing.
   * @throws LF_ATTEMPT_FENCED where the marker is another attempt's, LF_SINK_COMMIT_LOST where it stands neither at
   * `from` nor at `to`, LF_SINK_COMMIT_REFUSED where the system will never take it; nothing is written then
   */
  write(output: CommitOutput): Promise<void>
}

export interface CommitOutput {
  readonly subtask: number
  /** Where the marker stands, and where it is to stand. */
  readonly from: number
  readonly to: number
  readonly segments: readonly StagedSegment[]
}
