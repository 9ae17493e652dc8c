/**
 * The port of sinks that write exactly once: two-phase commit bound to checkpoints (Carbone et al. 2017, "State Management
 * in Apache Flink", section 4). What is written between two barriers is prepared at the second, which either leaves it in
 * the target, invisible, or hands it over to be kept in the checkpoint; it is committed once the checkpoint exists.
 *
 * All calls of one writer come from one subtask, and keep to this order:
 *
 * 1. `open`, `resume`, then writes; `prepare` at each barrier, and once more at the end of input.
 * 2. Whether a checkpoint exists is known before the next `prepare`: either `commit` was called for it, or it came to
 *    nothing, and the next `prepare` is to resolve with all that was prepared for it as well.
 * 3. `commit` may overlap writes and the next `prepare`. Two `commit`s never overlap, and no checkpoint comes to exist
 *    before all output of the one before is committed: so of all that a job has prepared, only what the newest checkpoint
 *    names may be uncommitted.
 * 4. `close` after the last `commit`, unless the attempt has failed or was cancelled: then `close` may overlap any call,
 *    which has to settle soon.
 *
 * A writer that has no {@link SinkCheckpoints} has no `commits`.
 */
export interface SinkCommits {
  /**
   * What checkpoints of former attempts left, before the first write: commits what this subtask is given (its own, or that of
   * subtasks which are no more), and puts an end to whatever else former attempts may have open in the target. It is called in
   * every attempt, with nothing to commit in the first. Idempotent: the same may have been committed before, wholly or in part.
   * @throws LF_SINK_COMMIT_LOST where what the checkpoint promises is neither there nor can be committed any more
   */
  resume(former: FormerOutput): Promise<void>
  /**
   * All that was written since the last `commit` took it in, whatever was prepared of it before: resolves when it survives the
   * loss of this process, with what `commit` or another process's `resume` needs. Structured clone must be able to copy it, and
   * it is written to the checkpoint. `undefined`: nothing was written, and nothing waits since a checkpoint that came to
   * nothing; then there is no `commit`.
   * @param checkpoint rises from call to call, and is never used by another attempt. At the end of input it may be lower
   * than the number of the checkpoint that names the output
   */
  prepare(checkpoint: number): Promise<unknown>
  /**
   * The checkpoint exists: makes visible what was prepared for it, all at once. Resolves once that is durable in the target.
   * Repeats by itself while the target is away; a rejection ends the attempt, and the next one resumes.
   * @param checkpoint that of the latest `prepare`
   */
  commit(checkpoint: number): Promise<void>
}

/** Output that one subtask prepared and a checkpoint that exists names. */
export interface PreparedOutput {
  /** The subtask that wrote it. */
  readonly subtask: number
  readonly attempt: number
  /** Which its `prepare` was called with. */
  readonly checkpoint: number
  /** What its `prepare` resolved with. */
  readonly output: unknown
}

export interface FormerOutput {
  /**
   * Of the checkpoint that is restored: what falls to this subtask, in the order of subtasks. Where the log says of a part that
   * it is committed (of subtasks that had finished before), only the rest.
   */
  readonly prepared: readonly PreparedOutput[]
  /** The log says that all of it was committed: nothing of it must be written again. True where there is nothing. */
  readonly isCommitted: boolean
  /**
   * Subtasks of former attempts whose open transactions, staged files and markers fall to this subtask to settle: its own
   * number, and of those that are no more every one whose number modulo the parallelism is its own.
   */
  readonly subtasks: readonly number[]
}

/** Of the job's checkpoints, as far as sinks take part in them. */
export interface SinkCheckpoints {
  /**
   * Of the job for its whole life: made at random with the first entry of its log, so that no two jobs ever share it. With the
   * sink's operator id and the subtask's number it tells a sink's output in a target from any other's.
   */
  readonly lineage: string
  readonly attempt: number
  /**
   * Checkpoints survive the loss of the process: then a sink whose `delivery` is not stated writes exactly once where it can.
   */
  readonly isDurable: boolean
  /** Between the starts of two checkpoints, and the longest that one may take, milliseconds. */
  readonly intervalMs: number
  readonly timeoutMs: number
}
