import type { CheckpointFailureReason } from './failure-reasons.ts'
import type { CheckpointState } from './state.ts'

/** `wait`: it will start by itself as soon as it can. */
export type StartDecision =
  { readonly start: true } | { readonly start: false; readonly reason: CheckpointFailureReason; readonly wait: boolean }

/**
 * Whether a checkpoint that is asked for now may start. Only one is under way at a time. A periodic one that may not
 * start is dropped, since the next interval brings another; a savepoint waits, since a user does.
 */
export function decideStart(state: CheckpointState, kind: 'checkpoint' | 'savepoint'): StartDecision {
  const wait = kind === 'savepoint'
  if (state.ended !== null || state.committing?.ending != null) return { start: false, reason: 'ENDING', wait: false }
  // The final checkpoint at the end of the drain holds all that a savepoint would have, and no window that is open.
  if (state.draining) return { start: false, reason: 'ENDING', wait: false }
  // A barrier could enter nowhere. What is in flight ends soon, and the final checkpoint follows.
  if ([...state.sources.keys()].every((source) => state.finished.has(source)))
    return { start: false, reason: 'SOURCES_FINISHED', wait: false }
  if (state.pending !== null) return { start: false, reason: 'IN_PROGRESS', wait }
  return { start: true }
}
