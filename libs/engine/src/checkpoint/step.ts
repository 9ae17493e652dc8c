import { subtaskId, subtasksOf, type PhysicalPlan, type SubtaskAddress } from '../plan/plan.ts'
import { decideStart } from './decide-start.ts'
import type { CheckpointFailureReason } from './failure-reasons.ts'
import type { CheckpointEffect, CheckpointEvent, CheckpointManifest, Ending } from './protocol.ts'
import { violation } from './violation.ts'
import { beginCommit, onCommitLogged, onCommitted } from './commit-step.ts'
import type { CheckpointState, Committing, PendingCheckpoint, SavepointThen, SubtaskPart } from './state.ts'

export interface CheckpointProtocolOptions {
  readonly plan: PhysicalPlan
  readonly attempt: number
  /** Number of the first checkpoint: above the highest that any attempt of the job ever used. */
  readonly firstCheckpoint: number
  /** How many periodic checkpoints in a row may fail before the attempt does. Default 10. */
  readonly failuresInRowMax?: number
  /** The checkpoint that is restored, where the log does not say that all of its output is committed. */
  readonly restored?: {
    readonly checkpoint: number
    /** Set where nothing is left to do but to commit: the attempt ends so. */
    readonly ending: Ending | null
  }
}

export interface CheckpointStep {
  readonly state: CheckpointState
  /** To be performed in this order. */
  readonly effects: readonly CheckpointEffect[]
}

export function startCheckpoints(options: CheckpointProtocolOptions): CheckpointState {
  const { plan, attempt, firstCheckpoint, failuresInRowMax = 10, restored } = options
  const byId = (subtasks: readonly SubtaskAddress[]) =>
    new Map(subtasks.map((subtask) => [subtaskId(subtask), subtask]))
  const sourceChains = new Set(plan.chains.filter(({ inputs }) => inputs.length === 0).map(({ id }) => id))
  const subtasks = subtasksOf(plan)
  const waiting = new Map(subtasks.map((subtask) => [subtaskId(subtask), { left: false }]))
  return {
    job: plan.job,
    attempt,
    parallelism: plan.parallelism,
    failuresInRowMax,
    subtasks: byId(subtasks),
    sources: byId(subtasks.filter(({ chain }) => sourceChains.has(chain))),
    finished: new Map(),
    nextCheckpoint: firstCheckpoint,
    pending: null,
    committing: restored ? { ...restored, waiting } : null,
    requested: null,
    draining: false,
    failuresInRow: 0,
    lastCompleted: null,
    ended: null,
  }
}

/**
 * The checkpoint protocol of one attempt: what is known, and an event, to what is known then and what is to be done.
 *
 * One checkpoint at a time: barriers enter by the sources that still run; every subtask acknowledges with its snapshot,
 * or has finished, and then what it left stands for it; once all have, the manifest is written, and the checkpoint
 * exists when the log's entry does. Then subtasks are told, and those whose sinks have prepared output commit it, while
 * the next checkpoint may be under way; but it is not made to exist before the log says that all of this one's output is
 * committed. So never more than the newest checkpoint has output of which the log does not know what became of it.
 *
 * When every subtask has finished, a final checkpoint is made of what they left; the attempt has ended when that exists
 * and is committed. A checkpoint that ends the attempt must succeed, since its barrier has stopped the subtasks: else the
 * attempt fails and the next one starts from the checkpoint before.
 *
 * @throws LF_CHECKPOINT_PROTOCOL for an event that cannot come from subtasks which keep to the protocol.
 */
export function step(state: CheckpointState, event: CheckpointEvent): CheckpointStep {
  const known = 'subtask' in event ? state.subtasks.has(subtaskId(event.subtask)) : true
  if (!known)
    throw violation(state, `${event.type} of unknown subtask ${'subtask' in event && subtaskId(event.subtask)}`)
  switch (event.type) {
    case 'intervalElapsed':
      return onInterval(state)
    case 'savepointRequested':
      return onSavepoint(state, event.then)
    case 'drainRequested':
      return onDrain(state)
    case 'acknowledged':
      return onAcknowledged(state, subtaskId(event.subtask), event.checkpoint, partOf(event))
    case 'declined':
      return isCollecting(state, event.checkpoint) ? giveUp(state, state.pending!, 'DECLINED') : { state, effects: [] }
    case 'finished':
      return onFinished(state, subtaskId(event.subtask), partOf(event))
    case 'expired':
      return isCollecting(state, event.checkpoint) ? giveUp(state, state.pending!, 'EXPIRED') : { state, effects: [] }
    case 'manifestWritten':
      return onWritten(state, event.checkpoint)
    case 'manifestFailed':
      return giveUp(state, assertWriting(state, event.checkpoint), 'MANIFEST_FAILED')
    case 'committed':
      return onCommitted(state, subtaskId(event.subtask), event.checkpoint)
    case 'commitLogged': {
      const { state: next, effects } = onCommitLogged(state, event.checkpoint)
      return next.pending?.phase === 'collecting' ? whenComplete(next, effects) : whenIdle(next, effects)
    }
    case 'attemptFailed':
      return onAttemptFailed(state)
  }
}

function partOf({ snapshot, outputs = [] }: Partial<SubtaskPart> & Pick<SubtaskPart, 'snapshot'>): SubtaskPart {
  return { snapshot, outputs }
}

function onInterval(state: CheckpointState): CheckpointStep {
  const decision = decideStart(state, 'checkpoint')
  if (decision.start) return start(state, 'checkpoint', null)
  return { state, effects: [{ type: 'reportFailure', checkpoint: null, kind: 'checkpoint', reason: decision.reason }] }
}

function onSavepoint(state: CheckpointState, then: SavepointThen): CheckpointStep {
  const { pending } = state
  // The same barrier serves for either ending.
  if (pending?.phase === 'collecting' && pending.ending === 'SUSPENDED' && then === 'STOPPED')
    return { state: { ...state, pending: { ...pending, ending: then } }, effects: [] }
  const decision = decideStart(state, 'savepoint')
  if (decision.start) return start(state, 'savepoint', then === 'CONTINUE' ? null : then)
  if (decision.wait) return { state: { ...state, requested: moreUrgent(state.requested, then) }, effects: [] }
  return { state, effects: [{ type: 'reportFailure', checkpoint: null, kind: 'savepoint', reason: decision.reason }] }
}

function onDrain(state: CheckpointState): CheckpointStep {
  // Where a barrier that ends the attempt is under way, the sources have stopped or are about to.
  const isEnding = state.pending?.ending != null || state.committing?.ending != null
  if (state.ended !== null || state.draining || isEnding) return { state, effects: [] }
  const running = withoutFinished(state, state.sources)
  // A savepoint that waits is overtaken: the final checkpoint comes instead.
  return {
    state: { ...state, draining: true, requested: null },
    effects: running.length > 0 ? [{ type: 'drainSources', subtasks: running }] : [],
  }
}

function onAcknowledged(state: CheckpointState, id: string, checkpoint: number, part: SubtaskPart): CheckpointStep {
  if (checkpoint >= state.nextCheckpoint) throw violation(state, `${id} acknowledged ${checkpoint}, never started`)
  // Given up meanwhile: nobody will name the snapshot.
  if (!isCollecting(state, checkpoint))
    return { state, effects: [{ type: 'discardSnapshots', snapshots: [part.snapshot] }] }
  const pending = state.pending!
  if (pending.acknowledged.has(id) || state.finished.has(id))
    throw violation(state, `${id} acknowledged ${checkpoint} twice or after it had finished`)
  const acknowledged = new Map(pending.acknowledged).set(id, part)
  return whenComplete({ ...state, pending: { ...pending, acknowledged } }, [])
}

function onFinished(state: CheckpointState, id: string, part: SubtaskPart): CheckpointStep {
  if (state.finished.has(id)) throw violation(state, `${id} finished twice`)
  const next = { ...state, finished: new Map(state.finished).set(id, part) }
  return next.pending?.phase === 'collecting' ? whenComplete(next, []) : whenIdle(next, [])
}

function onWritten(state: CheckpointState, checkpoint: number): CheckpointStep {
  const pending = assertWriting(state, checkpoint)
  const { ending } = pending
  const next: CheckpointState = { ...state, pending: null, failuresInRow: 0, lastCompleted: checkpoint }
  if (state.ended !== null) return { state: next, effects: [] }
  const committing = beginCommit(state, pending)
  if (ending !== null && committing === null)
    return { state: { ...next, requested: null, ended: ending }, effects: [{ type: 'endAttempt', ending, checkpoint }] }
  const subtasks = toldOf(state, committing)
  const told: CheckpointEffect = { type: 'notifyCompleted', checkpoint, subtasks }
  const requested = ending === null ? state.requested : null
  return whenIdle({ ...next, committing, requested }, [told])
}

/** Those that run, and those that have finished and wait to commit what they left. */
function toldOf(state: CheckpointState, committing: Committing | null): SubtaskAddress[] {
  const told = ([id]: [string, SubtaskAddress]) => !state.finished.has(id) || committing?.waiting.has(id)
  return [...state.subtasks].filter(told).map(([, subtask]) => subtask)
}

function onAttemptFailed(state: CheckpointState): CheckpointStep {
  if (state.ended !== null) return { state, effects: [] }
  const failed: CheckpointState = { ...state, requested: null, ended: 'FAILED' }
  // What is being written may yet come to exist, so its snapshots must stay until the answer is there.
  if (state.pending?.phase !== 'collecting') return { state: failed, effects: [] }
  return { state: { ...failed, pending: null }, effects: abandon(state.pending, 'ATTEMPT_FAILED') }
}

function start(state: CheckpointState, kind: 'checkpoint' | 'savepoint', ending: Ending | null): CheckpointStep {
  const checkpoint = state.nextCheckpoint
  const barrier = { checkpoint, attempt: state.attempt, final: ending !== null }
  return {
    state: {
      ...state,
      nextCheckpoint: checkpoint + 1,
      requested: null,
      pending: { checkpoint, kind, ending, phase: 'collecting', acknowledged: new Map() },
    },
    effects: [
      { type: 'startTimer', checkpoint },
      { type: 'injectBarrier', subtasks: withoutFinished(state, state.sources), barrier },
    ],
  }
}

/** Writes the manifest once every subtask has acknowledged or finished, and the checkpoint before is committed. */
function whenComplete(state: CheckpointState, effects: readonly CheckpointEffect[]): CheckpointStep {
  const pending = state.pending!
  const complete = [...state.subtasks.keys()].every((id) => pending.acknowledged.has(id) || state.finished.has(id))
  if (!complete || state.committing !== null) return { state, effects }
  return {
    state: { ...state, pending: { ...pending, phase: 'writing' } },
    effects: [
      ...effects,
      { type: 'stopTimer', checkpoint: pending.checkpoint },
      { type: 'writeManifest', manifest: manifestOf(state, pending) },
    ],
  }
}

/** With no checkpoint under way: the final one if all have finished, else a savepoint that has waited. */
function whenIdle(state: CheckpointState, effects: readonly CheckpointEffect[]): CheckpointStep {
  if (state.ended !== null || state.pending !== null) return { state, effects }
  if (state.finished.size === state.subtasks.size) {
    if (state.committing !== null) return { state, effects }
    const checkpoint = state.nextCheckpoint
    const ending = state.draining ? 'DRAINED' : 'FINISHED'
    const pending: PendingCheckpoint = { checkpoint, kind: 'final', ending, phase: 'writing', acknowledged: new Map() }
    return {
      state: { ...state, nextCheckpoint: checkpoint + 1, requested: null, pending },
      effects: [...effects, { type: 'writeManifest', manifest: manifestOf(state, pending) }],
    }
  }
  if (state.requested === null) return { state, effects }
  const started = onSavepoint({ ...state, requested: null }, state.requested)
  return { state: started.state, effects: [...effects, ...started.effects] }
}

function giveUp(state: CheckpointState, pending: PendingCheckpoint, reason: CheckpointFailureReason): CheckpointStep {
  const effects = abandon(pending, reason)
  const failuresInRow = state.failuresInRow + 1
  const next: CheckpointState = { ...state, pending: null, failuresInRow }
  if (state.ended !== null) return { state: next, effects }
  if (pending.ending === null && failuresInRow <= state.failuresInRowMax) {
    const { checkpoint } = pending
    const subtasks = withoutFinished(state, state.subtasks)
    return whenIdle(next, [...effects, { type: 'notifyAborted', checkpoint, subtasks }])
  }
  return {
    state: { ...next, requested: null, ended: 'FAILED' },
    effects: [...effects, { type: 'failAttempt', reason }],
  }
}

/** Snapshots of subtasks that had finished before stay: later checkpoints name them. */
function abandon(pending: PendingCheckpoint, reason: CheckpointFailureReason): CheckpointEffect[] {
  const { checkpoint, kind, phase } = pending
  const snapshots = [...pending.acknowledged.values()].map(({ snapshot }) => snapshot)
  return [
    ...(phase === 'collecting' ? [{ type: 'stopTimer', checkpoint } as const] : []),
    { type: 'reportFailure', checkpoint, kind, reason },
    ...(snapshots.length > 0 ? [{ type: 'discardSnapshots', snapshots } as const] : []),
  ]
}

function manifestOf(state: CheckpointState, pending: PendingCheckpoint): CheckpointManifest {
  const { checkpoint, kind, ending, acknowledged } = pending
  // A subtask may have acknowledged and then finished: the checkpoint's cut is where it acknowledged.
  const parts = [...state.subtasks].map(([id, address]) => {
    const acknowledgement = acknowledged.get(id)
    return { address, finished: acknowledgement === undefined, part: acknowledgement ?? state.finished.get(id)! }
  })
  return {
    job: state.job,
    attempt: state.attempt,
    checkpoint,
    kind,
    ending,
    parallelism: state.parallelism,
    subtasks: parts.map(({ address: { chain, index }, finished, part: { snapshot } }) => ({
      chain,
      index,
      finished,
      snapshot,
    })),
    outputs: [...new Set(parts.flatMap(({ part }) => part.outputs))],
  }
}

function isCollecting(state: CheckpointState, checkpoint: number): boolean {
  return state.pending?.checkpoint === checkpoint && state.pending.phase === 'collecting'
}

function assertWriting(state: CheckpointState, checkpoint: number): PendingCheckpoint {
  const { pending } = state
  if (pending?.checkpoint === checkpoint && pending.phase === 'writing') return pending
  throw violation(state, `checkpoint ${checkpoint} was not being written`)
}

function withoutFinished(state: CheckpointState, subtasks: ReadonlyMap<string, SubtaskAddress>): SubtaskAddress[] {
  return [...subtasks].filter(([id]) => !state.finished.has(id)).map(([, subtask]) => subtask)
}

function moreUrgent(a: SavepointThen | null, b: SavepointThen): SavepointThen {
  const urgency: readonly (SavepointThen | null)[] = [null, 'CONTINUE', 'SUSPENDED', 'STOPPED']
  return urgency.indexOf(a) > urgency.indexOf(b) ? a! : b
}
