import type { Ending, SubtaskCheckpoints } from '@lightflus/engine'
import { isUncommitted, restorable, type LoggedCheckpoint, type LogState } from '@lightflus/storage'
import type { ResolvedOptions } from '../deployment-options.ts'
import { longestInterval } from './checkpoint-pace.ts'

/** The checkpoint that is restored, where the log does not say that all of its output is committed. */
export interface UncommittedCheckpoint {
  readonly logged: LoggedCheckpoint
  /** Set where the attempt has only to commit it: with what it ends then. */
  readonly ending: Ending | null
}

/** @param request what the attempt was asked to end with before it began, as others did before it */
export function uncommittedOf(
  log: LogState,
  restored: LoggedCheckpoint | undefined,
  request: 'suspend' | 'stop' | 'drain' | undefined,
): UncommittedCheckpoint | undefined {
  if (restored === undefined || !isUncommitted(log, restored)) return undefined
  // A job that was suspended may have been started to go on; where it was to end otherwise, this is all that is left.
  const isOver = restored.ending !== 'SUSPENDED' || request === 'suspend'
  return { logged: restored, ending: isOver ? restored.ending : null }
}

/** Whether the newest checkpoint names output that may still have to be committed. */
export function leavesOutput(log: LogState): boolean {
  const newest = restorable(log).at(0)
  return newest !== undefined && isUncommitted(log, newest)
}

/** What the subtasks of the attempt that has claimed the log are told. */
export function subtaskCheckpoints(
  { storage, checkpointIntervalMs, limits }: ResolvedOptions,
  log: LogState,
  uncommitted: UncommittedCheckpoint | undefined,
): SubtaskCheckpoints {
  return {
    lineage: log.lineage,
    attempt: log.attempt,
    isDurable: storage.durable,
    intervalMs: longestInterval(checkpointIntervalMs),
    timeoutMs: limits.checkpointMsMax,
    first: log.checkpointsUsedTo + 1,
    committedTo: log.committedTo,
    subtasksMax: log.subtasksMax,
    endsOnceCommitted: uncommitted !== undefined && uncommitted.ending !== null,
  }
}
