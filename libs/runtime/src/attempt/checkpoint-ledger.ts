import type { CheckpointFailureReason } from '@lightflus/engine'
import type { LoggedCheckpoint } from '@lightflus/storage'
import type { CheckpointCounts, CheckpointInfo } from '../deployment.ts'

/** What a checkpoint cost one subtask, milliseconds: see `CheckpointInfo`. */
export interface SubtaskTimes {
  readonly alignmentMs: number
  readonly pauseMs: number
}

interface Begun extends SubtaskTimes {
  readonly at: number
}

const noTimes: SubtaskTimes = { alignmentMs: 0, pauseMs: 0 }

/** What became of the checkpoints of one attempt, and how long they took. All times are milliseconds since the epoch. */
export class CheckpointLedger {
  readonly #begun = new Map<number, Begun>()
  /** The newest, as long as its sinks have not all committed. */
  #uncommitted: { readonly info: CheckpointInfo; readonly at: number } | undefined
  #counts: CheckpointCounts = { completed: 0, failed: 0, lastFailure: null }

  get counts(): CheckpointCounts {
    return this.#counts
  }

  begun(checkpoint: number, at: number): void {
    this.#begun.set(checkpoint, { at, ...noTimes })
  }

  /** The longest of any subtask counts. What belongs to no checkpoint under way is passed over. */
  snapshot(checkpoint: number, { alignmentMs, pauseMs }: SubtaskTimes): void {
    const before = this.#begun.get(checkpoint)
    if (!before) return
    this.#begun.set(checkpoint, {
      at: before.at,
      alignmentMs: Math.max(before.alignmentMs, alignmentMs),
      pauseMs: Math.max(before.pauseMs, pauseMs),
    })
  }

  /** The final one of jobs that end by themselves is made of what subtasks left, and begins as it is written. */
  durationMs(checkpoint: number, from: number, to: number): number {
    return Math.max(0, to - (this.#begun.get(checkpoint)?.at ?? from))
  }

  /** The checkpoint exists. */
  completed(logged: LoggedCheckpoint, at: number): CheckpointInfo {
    const info = infoOf(logged, this.#begun.get(logged.checkpoint))
    this.#begun.delete(logged.checkpoint)
    this.#uncommitted = { info, at }
    this.#counts = { ...this.#counts, completed: this.#counts.completed + 1 }
    return info
  }

  /** Undefined where this attempt has not made the checkpoint, but restored it. */
  committed(checkpoint: number, at: number): CheckpointInfo | undefined {
    if (this.#uncommitted?.info.checkpoint !== checkpoint) return undefined
    const { info, at: from } = this.#uncommitted
    this.#uncommitted = undefined
    return { ...info, commitMs: Math.max(0, at - from) }
  }

  /** It never will exist; why, as the protocol and as a person would say it. */
  failed(checkpoint: number, at: number, kind: CheckpointFailureReason, reason: string): void {
    this.#begun.delete(checkpoint)
    // It is the attempt that failed, or was cancelled: that is told as such.
    if (kind === 'ATTEMPT_FAILED') return
    this.#counts = {
      ...this.#counts,
      failed: this.#counts.failed + 1,
      lastFailure: { checkpoint, at, reason },
    }
  }
}

export function infoOf(
  { checkpoint, attempt, kind, completedAt, durationMs, bytes, bytesNew = bytes, manifest }: LoggedCheckpoint,
  { alignmentMs, pauseMs }: SubtaskTimes = noTimes,
): CheckpointInfo {
  return {
    checkpoint,
    attempt,
    kind,
    completedAt,
    durationMs,
    bytes,
    bytesNew,
    location: manifest.path,
    alignmentMs,
    pauseMs,
    commitMs: null,
  }
}
