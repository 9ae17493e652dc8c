import type { CheckpointEffect } from './protocol.ts'
import type { CheckpointState, Committing, PendingCheckpoint } from './state.ts'
import { violation } from './violation.ts'

interface CommitStep {
  readonly state: CheckpointState
  readonly effects: readonly CheckpointEffect[]
}

/** Whose commits a checkpoint waits for, now that it exists; null: nobody prepared anything for it. */
export function beginCommit(state: CheckpointState, pending: PendingCheckpoint): Committing | null {
  const { checkpoint, ending, acknowledged } = pending
  const waiting = new Map<string, { left: boolean }>()
  for (const id of state.subtasks.keys()) {
    const part = acknowledged.get(id)
    const { outputs } = part ?? state.finished.get(id)!
    if (outputs.length > 0) waiting.set(id, { left: part === undefined })
  }
  return waiting.size === 0 ? null : { checkpoint, ending, waiting }
}

/** A subtask has committed all that it prepared for the checkpoint. Once all have, the log is told. */
export function onCommitted(state: CheckpointState, id: string, checkpoint: number): CommitStep {
  // Nothing follows from it any more.
  if (state.ended !== null) return { state, effects: [] }
  const { committing } = state
  const waited = committing?.checkpoint === checkpoint ? committing.waiting.get(id) : undefined
  if (!committing || !waited) throw violation(state, `${id} committed ${checkpoint}, of which it had no output`)
  const waiting = new Map(committing.waiting)
  waiting.delete(id)
  // Later checkpoints name what it left again, but there is nothing to commit in it.
  const finished = waited.left
    ? new Map(state.finished).set(id, { ...state.finished.get(id)!, outputs: [] })
    : state.finished
  return {
    state: { ...state, finished, committing: { ...committing, waiting } },
    effects: waiting.size === 0 ? [{ type: 'logCommitted', checkpoint }] : [],
  }
}

/** The checkpoint is done with; where it was the last one, the attempt has ended. */
export function onCommitLogged(state: CheckpointState, checkpoint: number): CommitStep {
  const { committing } = state
  if (committing?.checkpoint !== checkpoint || committing.waiting.size > 0)
    throw violation(state, `the log was not to be told that ${checkpoint} is committed`)
  const next: CheckpointState = { ...state, committing: null }
  const { ending } = committing
  if (state.ended !== null || ending === null) return { state: next, effects: [] }
  return { state: { ...next, ended: ending }, effects: [{ type: 'endAttempt', ending, checkpoint }] }
}
