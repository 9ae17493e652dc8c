import { LightflusError, toLightflusError, type SerializedError } from '@lightflus/api'
import {
  checkpointFailureReasons,
  startCheckpoints,
  stepCheckpoints,
  subtaskId,
  subtasksOf,
  type CheckpointEffect,
  type CheckpointEvent,
  type CheckpointFailureReason,
  type CheckpointManifest,
  type CheckpointState,
  type Ending,
  type PhysicalPlan,
  type SnapshotReference,
  type StateSegment,
  type SubtaskAddress,
} from '@lightflus/engine'
import { checkpointsUnloggedMax, type EncodedFile, type JobLog, type LoggedCheckpoint } from '@lightflus/storage'
import type { CheckpointFiles } from '../checkpoint/checkpoint-files.ts'
import type { CheckpointInfo, LogLine } from '../deployment.ts'
import type { MessageToSlot } from '../slot/messages.ts'
import { IngestPositions, type Ingested } from '../ingest/ingest-positions.ts'
import { infoOf, type CheckpointLedger, type SubtaskTimes } from './checkpoint-ledger.ts'
import { CheckpointPace } from './checkpoint-pace.ts'
import type { UncommittedCheckpoint } from './uncommitted-output.ts'

/** A subtask's snapshot as its slot sends it. */
interface SnapshotPart {
  readonly file: EncodedFile
  /** On the slot's disk. */
  readonly segments: readonly StateSegment[]
  readonly outputs: readonly string[]
  readonly times: SubtaskTimes
  readonly ingested?: Ingested | undefined
}

/** Where another worker has stored it. */
interface StoredPart extends Omit<SnapshotPart, 'file' | 'segments'> {
  readonly snapshot: SnapshotReference
}

type ToChains = Extract<MessageToSlot, { readonly chains: readonly string[] }>

export interface CheckpointDriverOptions {
  readonly plan: PhysicalPlan
  readonly log: JobLog
  readonly files: CheckpointFiles
  readonly now: () => number
  readonly uncommitted: UncommittedCheckpoint | undefined
  readonly ledger: CheckpointLedger
  readonly intervalMs: number | 'auto' | null
  readonly pauseMsMin: number
  readonly checkpointMsMax: number
  /** Sends the message, made for these chains, to a slot. */
  readonly post: (slot: number, message: ToChains) => void
  readonly onLog: (level: LogLine['level'], message: string) => void
  readonly onCheckpoint: (checkpoint: CheckpointInfo) => void
  /** All sinks have committed what they prepared for it. Not called of one that has no output, or was restored. */
  readonly onCommitted: (checkpoint: CheckpointInfo) => void
  /** A savepoint that was asked for will not come of itself; why. The attempt goes on. */
  readonly onSavepointFailed: (error: LightflusError) => void
  /** The attempt has ended well, with this checkpoint. Called once, unless `onFailure` was. */
  readonly onEnded: (ending: Ending, checkpoint: CheckpointInfo) => void
  /** The attempt cannot go on. */
  readonly onFailure: (error: LightflusError) => void
}

/**
 * Performs what the engine's checkpoint protocol decides: messages to slots, timers, files, the log. Holds no rule of
 * the protocol itself. After `close` nothing that is still under way has any effect.
 */
export class CheckpointDriver {
  readonly #options: CheckpointDriverOptions
  readonly #timers = new Map<number, NodeJS.Timeout>()
  readonly #ingested = new IngestPositions()
  readonly #stores = new Map<string, Promise<void>>()
  readonly #pace: CheckpointPace
  #state: CheckpointState
  #closed = false
  #usedTo: number
  /** Why a checkpoint last failed, where more is known than the protocol's reason. */
  #lastError: LightflusError | undefined
  #newest: CheckpointInfo | undefined

  constructor(options: CheckpointDriverOptions) {
    this.#options = options
    this.#usedTo = options.log.state.checkpointsUsedTo
    const { uncommitted } = options
    if (uncommitted) this.#newest = infoOf(uncommitted.logged)
    this.#pace = new CheckpointPace({
      intervalMs: options.intervalMs,
      pauseMsMin: options.pauseMsMin,
      now: options.now,
      onDue: () => this.dispatch({ type: 'intervalElapsed' }),
      onChange: (ms) => options.onLog('info', `From now on a checkpoint is taken every ${ms / 1_000} s.`),
    })
    this.#state = startCheckpoints({
      plan: options.plan,
      attempt: options.log.attempt,
      firstCheckpoint: this.#usedTo + 1,
      // One more id is for the checkpoint that the attempt ends with.
      failuresInRowMax: checkpointsUnloggedMax - 1,
      ...(uncommitted && {
        restored: { checkpoint: uncommitted.logged.checkpoint, ending: uncommitted.ending },
      }),
    })
  }

  /** The highest checkpoint id that this attempt has used. */
  get usedTo(): number {
    return this.#usedTo
  }

  start(): void {
    if (!this.#closed) this.#pace.start()
  }

  close(): void {
    if (!this.#closed) this.dispatch({ type: 'attemptFailed' })
    this.#closed = true
    this.#pace.close()
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    this.#options.files.close()
  }

  dispatch(event: CheckpointEvent): void {
    if (this.#closed) return
    try {
      const { state, effects } = stepCheckpoints(this.#state, event)
      this.#state = state
      for (const effect of effects) this.#perform(effect)
    } catch (thrown) {
      this.#options.onFailure(toLightflusError(thrown, 'LF_CHECKPOINT_FAILED', String(thrown)))
    }
  }

  /**
   * A subtask's snapshot has come: the protocol hears of it once it is stored, and of what one subtask left when it
   * finished never before what it acknowledged.
   */
  store(subtask: SubtaskAddress, checkpoint: number | 'finished', part: SnapshotPart | StoredPart): void {
    this.#ingested.add(checkpoint, part.ingested)
    const before = this.#stores.get(subtaskId(subtask)) ?? Promise.resolve()
    this.#stores.set(
      subtaskId(subtask),
      before.then(() => this.#store(subtask, checkpoint, part)),
    )
  }

  /** The subtask's sinks have committed all that they prepared for the checkpoint. */
  committed(subtask: SubtaskAddress, checkpoint: number): void {
    this.dispatch({ type: 'committed', subtask, checkpoint })
  }

  /** The slot's subtasks are open, so what the restored checkpoint promised of their sinks is committed. */
  resumed(slot: number): void {
    const { plan, uncommitted } = this.#options
    if (!uncommitted) return
    const { checkpoint } = uncommitted.logged
    for (const subtask of subtasksOf(plan)) if (subtask.index === slot) this.committed(subtask, checkpoint)
  }

  async #store(
    subtask: SubtaskAddress,
    checkpoint: number | 'finished',
    part: SnapshotPart | StoredPart,
  ): Promise<void> {
    const { outputs, times } = part
    if (checkpoint !== 'finished') this.#options.ledger.snapshot(checkpoint, times)
    try {
      const snapshot = 'file' in part ? await this.#put(subtask, checkpoint, part) : part.snapshot
      if (checkpoint === 'finished') this.dispatch({ type: 'finished', subtask, snapshot, outputs })
      else this.dispatch({ type: 'acknowledged', subtask, checkpoint, snapshot, outputs })
    } catch (thrown) {
      this.decline(subtask, checkpoint, this.#storageError(thrown).toJSON())
    }
  }

  async #put(
    subtask: SubtaskAddress,
    checkpoint: number | 'finished',
    { file, segments }: SnapshotPart,
  ): Promise<SnapshotReference> {
    const { files, post } = this.#options
    try {
      return await files.putSnapshot(subtask, checkpoint, file, segments)
    } finally {
      if (segments.length > 0) post(subtask.index, { type: 'snapshotStored', chains: [subtask.chain], checkpoint })
    }
  }

  /** A snapshot could not be made or stored. Without the one that a finished subtask left, no checkpoint can ever be. */
  decline(subtask: SubtaskAddress, checkpoint: number | 'finished', error: SerializedError): void {
    const { code, message, details, nextStep } = error
    this.#lastError = new LightflusError(code, message, { details, nextStep })
    if (this.#closed) return
    if (checkpoint === 'finished') this.#options.onFailure(this.#lastError)
    else this.dispatch({ type: 'declined', subtask, checkpoint })
  }

  #perform(effect: CheckpointEffect): void {
    switch (effect.type) {
      case 'injectBarrier':
        return this.#injectBarrier(effect)
      case 'startTimer':
        this.#timers.set(
          effect.checkpoint,
          setTimeout(
            () => this.dispatch({ type: 'expired', checkpoint: effect.checkpoint }),
            this.#options.checkpointMsMax,
          ),
        )
        return
      case 'stopTimer':
        clearTimeout(this.#timers.get(effect.checkpoint))
        this.#timers.delete(effect.checkpoint)
        return
      case 'writeManifest':
        void this.#writeManifest(effect.manifest)
        return
      case 'notifyCompleted':
        return this.#post(effect.subtasks, (chains) => ({
          type: 'checkpointCompleted',
          chains,
          checkpoint: effect.checkpoint,
        }))
      case 'notifyAborted':
        return this.#post(effect.subtasks, (chains) => ({
          type: 'checkpointAborted',
          chains,
          checkpoint: effect.checkpoint,
        }))
      case 'logCommitted':
        void this.#logCommitted(effect.checkpoint)
        return
      case 'discardSnapshots':
        // Whatever this leaves is deleted after the next checkpoint.
        this.#options.files.discard(effect.snapshots).catch((thrown: unknown) => {
          this.#options.onLog(
            'warn',
            `Files of a failed checkpoint are left over: ${this.#storageError(thrown).message}`,
          )
        })
        return
      case 'drainSources':
        return this.#post(effect.subtasks, (chains) => ({ type: 'drain', chains }))
      case 'reportFailure':
        return this.#reportFailure(effect)
      case 'endAttempt':
        return this.#options.onEnded(effect.ending, this.#newest!)
      case 'failAttempt':
        return this.#options.onFailure(this.#failure(effect.reason))
    }
  }

  #injectBarrier({ subtasks, barrier }: Extract<CheckpointEffect, { type: 'injectBarrier' }>): void {
    // Ids beyond this might be taken by the next attempt: see JobLog.
    if (barrier.checkpoint > this.#options.log.state.checkpointsUsedTo + checkpointsUnloggedMax) {
      return this.#options.onFailure(this.#failure('DECLINED'))
    }
    this.#usedTo = Math.max(this.#usedTo, barrier.checkpoint)
    this.#options.ledger.begun(barrier.checkpoint, this.#options.now())
    this.#post(subtasks, (chains) => ({ type: 'triggerCheckpoint', chains, barrier }))
  }

  #post(subtasks: readonly SubtaskAddress[], message: (chains: string[]) => ToChains): void {
    const bySlot = Map.groupBy(subtasks, ({ index }) => index)
    for (const [slot, members] of bySlot) this.#options.post(slot, message(members.map(({ chain }) => chain)))
  }

  async #writeManifest(manifest: CheckpointManifest): Promise<void> {
    const { checkpoint, attempt } = manifest
    const { log, files, now, ledger } = this.#options
    this.#usedTo = Math.max(this.#usedTo, checkpoint)
    const from = now()
    let stored
    try {
      stored = await files.putManifest(manifest, log.state.checkpoints)
    } catch (thrown) {
      this.#lastError = this.#storageError(thrown)
      return this.dispatch({ type: 'manifestFailed', checkpoint })
    }
    // An attempt that was cancelled meanwhile makes nothing exist any more.
    if (this.#closed) return
    const completedAt = now()
    const kind = manifest.kind === 'savepoint' ? 'savepoint' : 'checkpoint'
    const { ending, outputs } = manifest
    const logged: LoggedCheckpoint = {
      checkpoint,
      attempt,
      kind,
      ending,
      outputs,
      completedAt,
      durationMs: ledger.durationMs(checkpoint, from, completedAt),
      ...stored,
      ...this.#ingested.take(checkpoint),
    }
    try {
      await log.checkpoint(logged)
    } catch (thrown) {
      // Whether the entry was made is unknown, so this attempt may not try again.
      if (!this.#closed) this.#options.onFailure(this.#storageError(thrown))
      return
    }
    this.#completed(logged)
  }

  async #logCommitted(checkpoint: number): Promise<void> {
    try {
      await this.#options.log.committed(checkpoint)
    } catch (thrown) {
      if (!this.#closed) this.#options.onFailure(this.#storageError(thrown))
      return
    }
    const info = this.#options.ledger.committed(checkpoint, this.#options.now())
    if (info && !this.#closed) this.#options.onCommitted(info)
    this.dispatch({ type: 'commitLogged', checkpoint })
  }

  #completed(logged: LoggedCheckpoint): void {
    this.#newest = this.#options.ledger.completed(logged, this.#options.now())
    this.#pace.ended(logged)
    this.#lastError = undefined
    this.#options.onCheckpoint(this.#newest)
    this.dispatch({ type: 'manifestWritten', checkpoint: logged.checkpoint })
    this.#options.log.deleteOld().catch((thrown: unknown) => {
      this.#options.onLog('warn', `Old checkpoints could not be deleted: ${this.#storageError(thrown).message}`)
    })
  }

  #reportFailure({ checkpoint, kind, reason }: Extract<CheckpointEffect, { type: 'reportFailure' }>): void {
    // Where the attempt ends, the next one is asked again, if there is one.
    if (kind === 'savepoint' && reason !== 'ATTEMPT_FAILED' && reason !== 'ENDING')
      this.#options.onSavepointFailed(this.#failure(reason))
    // Not even started: the next one comes anyway.
    if (checkpoint === null) return
    this.#pace.ended()
    const because = this.#lastError && reason !== 'EXPIRED' ? ` ${this.#lastError.message}` : ''
    const why = `${checkpointFailureReasons[reason].sentence}${because}`
    this.#options.ledger.failed(checkpoint, this.#options.now(), reason, why)
    this.#options.onLog('warn', `Checkpoint ${checkpoint} failed. ${why}`)
  }

  #failure(reason: CheckpointFailureReason): LightflusError {
    const { plan, checkpointMsMax, log } = this.#options
    if (reason === 'EXPIRED') {
      return new LightflusError(
        'LF_CHECKPOINT_EXPIRED',
        `A checkpoint of job ${plan.job} was not complete after ${checkpointMsMax / 1_000} s.`,
        { details: { job: plan.job, attempt: log.attempt } },
      )
    }
    if (this.#lastError) return this.#lastError
    return new LightflusError(
      'LF_CHECKPOINT_FAILED',
      `Attempt ${log.attempt} of job ${plan.job} could not go on without a checkpoint. ${checkpointFailureReasons[reason].sentence}`,
      { details: { job: plan.job, attempt: log.attempt } },
    )
  }

  #storageError(thrown: unknown): LightflusError {
    return toLightflusError(thrown, 'LF_STORAGE_FAILED', `Checkpoint storage failed: ${String(thrown)}`)
  }
}
