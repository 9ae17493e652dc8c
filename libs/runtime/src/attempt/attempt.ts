import { pathToFileURL } from 'node:url'
import { deserializeError, LightflusError, toLightflusError, type Graph } from '@lightflus/api'
import {
  planJob,
  SourceAlignment,
  subtaskId,
  type Ending,
  type PhysicalPlan,
  type PublishedRow,
  type SubtaskCheckpoints,
} from '@lightflus/engine'
import { claimJob, type JobHolder, type JobLog } from '@lightflus/storage'
import { CheckpointFiles, type ReadCheckpoint } from '../checkpoint/checkpoint-files.ts'
import type { RestoredSegments } from '../checkpoint/restored-segments.ts'
import { shareOfSlot } from '../checkpoint/snapshot-codec.ts'
import type { CheckpointInfo, LogLine } from '../deployment.ts'
import type { ResolvedOptions } from '../deployment-options.ts'
import { ProgramLocations } from '../program-errors/program-locations.ts'
import type { MessageFromSlot } from '../slot/messages.ts'
import { shareWays } from '../exchange/share-ways.ts'
import type { MessageFromRemote } from '../workers/control-messages.ts'
import type { CoordinatorSession, SessionHandlers } from '../workers/coordinator-session.ts'
import { agreedGraph, type BuiltProgram } from './agreed-graph.ts'
import { CheckpointDriver } from './checkpoint-driver.ts'
import { Figures } from './figures.ts'
import { restoreCheckpoint } from './restore-checkpoint.ts'
import { SlotThread } from './slot-thread.ts'
import { spawnSlot, type AttemptSlot } from './spawn-slot.ts'
import type { StackFrame } from './stack-probe.ts'
import { leavesOutput, subtaskCheckpoints, uncommittedOf, type UncommittedCheckpoint } from './uncommitted-output.ts'

/**
 * How long subtasks have to close what they hold open once the attempt is over; then their threads are ended. Less
 * where somebody waits for a job to be gone, or for its next attempt.
 */
const closeMsMax = { ended: 5_000, cancelled: 1_000, failed: 1_000 } as const

export type AttemptEnd =
  | { readonly kind: 'ended'; readonly ending: Ending; readonly checkpoint: CheckpointInfo }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: LightflusError }

/** What a running attempt can be asked to end with. */
export type EndRequest = 'suspend' | 'stop' | 'drain'

export interface AttemptOptions {
  readonly options: ResolvedOptions
  readonly holder: JobHolder
  readonly now: () => number
  /** The log has given the attempt its number; its figures count from now on. */
  readonly onClaimed: (attempt: number) => void
  readonly onRunning: () => void
  readonly onCheckpoint: (checkpoint: CheckpointInfo) => void
  readonly onCommitted: (checkpoint: CheckpointInfo) => void
  readonly onSavepointFailed: (error: LightflusError) => void
  readonly onLog: (line: LogLine) => void
  readonly onRows: (sink: string, rows: readonly PublishedRow[]) => void
  /** State that attempts of this deployment have brought back to the disk. */
  readonly restoredSegments: RestoredSegments
  /** The ways to other workers, where there are any. */
  readonly createSession?: (handlers: SessionHandlers) => CoordinatorSession
}

/**
 * The coordinator of one attempt: starts the slots, lets each build the program, claims the job, restores, runs until
 * something ends it, and leaves no thread behind. Whatever goes wrong first is what the attempt ended with.
 */
export class Attempt {
  readonly figures: Figures
  readonly #options: AttemptOptions
  readonly #locations: ProgramLocations
  readonly #session: CoordinatorSession | undefined
  readonly #slots: AttemptSlot[]
  readonly #over = Promise.withResolvers<AttemptEnd>()
  readonly #built = new Map<number, BuiltProgram>()
  readonly #allBuilt = Promise.withResolvers<void>()
  readonly #started = new Set<number>()
  readonly #allStarted = Promise.withResolvers<void>()
  readonly #opened = new Set<number>()
  readonly #allOpened = Promise.withResolvers<void>()
  /** Subtasks that have not come to their end. */
  readonly #live = new Set<string>()
  readonly #allEnded = Promise.withResolvers<void>()
  readonly #ending = new AbortController()
  #isOver = false
  #late: NodeJS.Timeout | undefined
  #driver: CheckpointDriver | undefined
  #log: JobLog | undefined
  #request: EndRequest | undefined
  #wantsSavepoint = false

  constructor(options: AttemptOptions) {
    this.#options = options
    const { bundlePath, parallelism } = options.options
    const bundleUrl = pathToFileURL(bundlePath).href
    this.#locations = new ProgramLocations(bundleUrl)
    this.figures = new Figures(parallelism)
    this.#session = options.createSession?.({
      onMessage: (slot, message) => this.#receive(slot, message),
      onSlotFailure: (slot, error) => this.#slotFailed(slot, error),
      onFailure: (error) => this.#fail(error),
    })
    this.#slots = Array.from({ length: parallelism }, (_, index) => this.#spawn(index, bundleUrl))
  }

  /** Runs to the end and resolves once every thread has ended. Never rejects. */
  async run(): Promise<AttemptEnd> {
    this.#limitStart(0)
    const begun = this.#begin().catch((thrown: unknown) => this.#fail(this.#internal(thrown)))
    const end = await this.#over.promise
    clearTimeout(this.#late)
    // Lets go of what still waits for the slots, and of what is being restored, and waits for a claim that is under way.
    this.#allBuilt.resolve()
    this.#allStarted.resolve()
    this.#allOpened.resolve()
    this.#session?.abandon()
    this.#ending.abort()
    await begun
    this.#driver?.close()
    await this.#endThreads(end)
    this.#session?.close()
    this.figures.end()
    await this.#release()
    return end
  }

  /** The newest checkpoint names output that may still have to be committed, by the next attempt. */
  get leavesOutput(): boolean {
    return this.#log !== undefined && leavesOutput(this.#log.state)
  }

  /** Asks the attempt to end so; remembered until it runs. A later request overrides an earlier one. */
  request(request: EndRequest): void {
    this.#request = request
    if (this.#driver && this.#started.size === this.#slots.length) this.#passRequest(this.#driver)
  }

  /** Asks for a savepoint after which the attempt goes on; remembered until it runs. */
  savepoint(): void {
    this.#wantsSavepoint = true
    if (this.#driver && this.#started.size === this.#slots.length) this.#passSavepoint(this.#driver)
  }

  cancel(): void {
    this.#end({ kind: 'cancelled' })
  }

  #spawn(index: number, bundleUrl: string): AttemptSlot {
    return (
      this.#session?.slot(index) ??
      spawnSlot(this.#options.options, {
        index,
        bundleUrl,
        now: this.#options.now,
        onMessage: (message) => this.#receive(index, message),
        onFailure: (error, stack) => this.#slotFailed(index, error, stack),
      })
    )
  }

  #slotFailed(index: number, error: LightflusError, stack?: readonly StackFrame[]): void {
    this.#fail(error, stack)
    for (const subtask of this.#live) if (subtask.endsWith(`/${index}`)) this.#ended(subtask)
  }

  async #begin(): Promise<void> {
    const { jobName, storage, restore, deploymentId, limits } = this.#options.options
    await this.#session?.open()
    await this.#allBuilt.promise
    if (this.#isOver) return
    const { graph, graphHash } = agreedGraph(this.#options.options, this.#built)
    const plan = planJob(graph, this.#slots.length)
    const log = await claimJob({
      holder: this.#options.holder,
      storage,
      job: jobName,
      parallelism: this.#slots.length,
      now: this.#options.now,
      checkpointsKept: limits.checkpointsKept,
      savepointsKept: limits.savepointsKept,
      ...(restore === 'newest' ? {} : { afresh: deploymentId }),
      ...(typeof restore === 'object' ? { from: restore } : {}),
    })
    this.#log = log
    this.figures.describe(graph)
    this.#options.onClaimed(log.attempt)
    const checkpoint = await this.#restore(log)
    if (this.#isOver) return
    const uncommitted = uncommittedOf(log.state, checkpoint?.logged, this.#request)
    const { attempt } = log
    const files = new CheckpointFiles({ storage, attempt, plan, graphHash, restored: checkpoint?.segments ?? [] })
    const driver = this.#createDriver(plan, log, files, uncommitted)
    this.#driver = driver
    const checkpoints = subtaskCheckpoints(this.#options.options, log.state, uncommitted)
    this.#startSlots(checkpoints, checkpoint, { graph, plan })
    await this.#allStarted.promise
    if (this.#isOver) return
    clearTimeout(this.#late)
    this.#passSavepoint(driver)
    this.#passRequest(driver)
    await this.#allOpened.promise
    if (this.#isOver) return
    if (!checkpoints.endsOnceCommitted) this.#options.onRunning()
    driver.start()
  }

  /** That takes as long as there is state: slots have their time to start from then on, and as long for what they read. */
  async #restore({ state }: JobLog): Promise<ReadCheckpoint | undefined> {
    clearTimeout(this.#late)
    const from = this.#options.now()
    const slots = this.#slots.flatMap((slot) => (slot instanceof SlotThread ? slot.index : []))
    const say = (level: LogLine['level'], message: string): void => this.#say(level, message)
    const { options, restoredSegments: disk } = this.#options
    const read = await restoreCheckpoint(options, state, { slots, disk, say, signal: this.#ending.signal })
    if (!this.#isOver) this.#limitStart(this.#options.now() - from)
    return read
  }

  #limitStart(moreMs: number): void {
    const { slotStartMsMax } = this.#options.options.limits
    this.#late = setTimeout(() => this.#fail(this.#tooSlow()), slotStartMsMax + moreMs)
  }

  #createDriver(
    plan: PhysicalPlan,
    log: JobLog,
    files: CheckpointFiles,
    uncommitted: UncommittedCheckpoint | undefined,
  ): CheckpointDriver {
    const { checkpointIntervalMs, limits } = this.#options.options
    return new CheckpointDriver({
      plan,
      log,
      files,
      now: this.#options.now,
      uncommitted,
      ledger: this.figures.checkpoints,
      intervalMs: checkpointIntervalMs,
      pauseMsMin: limits.checkpointPauseMsMin,
      checkpointMsMax: limits.checkpointMsMax,
      post: (slot, message) => this.#slots[slot].post(message),
      onLog: (level, message) => this.#say(level, message),
      onCheckpoint: this.#options.onCheckpoint,
      onCommitted: this.#options.onCommitted,
      onSavepointFailed: this.#options.onSavepointFailed,
      onEnded: (ending, checkpoint) => this.#end({ kind: 'ended', ending, checkpoint }),
      onFailure: (error) => this.#fail(error),
    })
  }

  #startSlots(
    checkpoints: SubtaskCheckpoints,
    checkpoint: ReadCheckpoint | undefined,
    { graph, plan }: { readonly graph: Graph; readonly plan: PhysicalPlan },
  ): void {
    const parallelism = this.#slots.length
    const alignment = new SharedArrayBuffer(SourceAlignment.bytes(graph, parallelism))
    const shared = this.#session?.join(plan, alignment) ?? shareWays(plan)
    const { attempt } = checkpoints
    for (const slot of this.#slots) {
      if (!(slot instanceof SlotThread)) continue
      const { index } = slot
      const restore = checkpoint && shareOfSlot(checkpoint.snapshots, { index, parallelism }, checkpoint.paths)
      slot.start({ attempt, restore, shared: shared?.[index], alignment, checkpoints })
    }
    this.#session?.start({ attempt, checkpoints, checkpoint: checkpoint?.logged })
  }

  #passSavepoint(driver: CheckpointDriver): void {
    if (!this.#wantsSavepoint) return
    this.#wantsSavepoint = false
    driver.dispatch({ type: 'savepointRequested', then: 'CONTINUE' })
  }

  #passRequest(driver: CheckpointDriver): void {
    if (this.#request === 'drain') driver.dispatch({ type: 'drainRequested' })
    else if (this.#request) {
      driver.dispatch({ type: 'savepointRequested', then: this.#request === 'stop' ? 'STOPPED' : 'SUSPENDED' })
    }
  }

  #receive(slot: number, message: MessageFromSlot | MessageFromRemote): void {
    switch (message.type) {
      case 'built':
        this.#built.set(slot, message)
        if (this.#built.size === this.#slots.length) this.#allBuilt.resolve()
        return
      case 'started':
        this.#started.add(slot)
        for (const chain of message.chains) this.#live.add(subtaskId({ chain, index: slot }))
        if (this.#started.size === this.#slots.length) this.#allStarted.resolve()
        return
      case 'opened':
        this.#opened.add(slot)
        this.#driver?.resumed(slot)
        if (this.#opened.size === this.#slots.length) this.#allOpened.resolve()
        return
      case 'snapshot':
      case 'stored':
        this.#driver?.store({ chain: message.chain, index: slot }, message.checkpoint, message)
        return
      case 'committed':
        return this.#driver?.committed({ chain: message.chain, index: slot }, message.checkpoint)
      case 'snapshotFailed':
        return this.#driver?.decline({ chain: message.chain, index: slot }, message.checkpoint, message.error)
      case 'ended':
        return this.#ended(subtaskId({ chain: message.chain, index: slot }))
      case 'failed':
        return this.#fail(deserializeError(message.error))
      case 'metrics':
        return this.figures.report(slot, message.operators)
      case 'log':
        return this.#options.onLog(message.line)
      case 'rows':
        return this.#options.onRows(message.sink, message.rows)
    }
  }

  #ended(subtask: string): void {
    this.#live.delete(subtask)
    if (this.#live.size === 0) this.#allEnded.resolve()
  }

  #end(end: AttemptEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#over.resolve(end)
  }

  #fail(error: LightflusError, stack?: readonly StackFrame[]): void {
    if (this.#isOver) return
    this.#isOver = true
    void this.#locations
      .mapped(error, stack)
      // A source map that cannot be used must not hide what went wrong.
      .catch(() => error)
      .then((mapped) => this.#over.resolve({ kind: 'failed', error: mapped }))
  }

  async #endThreads(end: AttemptEnd): Promise<void> {
    if (end.kind !== 'ended') for (const slot of this.#slots) slot.post({ type: 'cancel' })
    if (this.#live.size > 0) {
      const late = setTimeout(() => this.#allEnded.resolve(), closeMsMax[end.kind])
      await this.#allEnded.promise
      clearTimeout(late)
    }
    const ended = await Promise.all(this.#slots.map((slot) => slot.terminate()))
    for (const [slot, hasEnded] of ended.entries()) {
      if (!hasEnded)
        this.#say('warn', `Slot ${slot} still waits for the system, and is left behind until that answers.`)
    }
  }

  /** Tells the log that nobody writes any more; when that fails, the next claim says it as well. */
  async #release(): Promise<void> {
    if (!this.#log?.usable) return
    try {
      await this.#log.release(this.#driver?.usedTo ?? this.#log.state.checkpointsUsedTo)
    } catch (thrown) {
      this.#say('warn', `Attempt ${this.#log.attempt} could not sign off: ${this.#internal(thrown).message}`)
    }
  }

  #tooSlow(): LightflusError {
    const { jobName, limits } = this.#options.options
    const slow = this.#slots.map(({ index }) => index).filter((index) => !this.#started.has(index))
    const missing = this.#session?.missing ?? []
    if (missing.length > 0) {
      return new LightflusError(
        'LF_SLOT_START',
        `Workers ${missing.join(', ')} of job ${jobName} did not come within ${limits.slotStartMsMax / 1_000} s.`,
        { details: { job: jobName, workers: missing.map(String) } },
      )
    }
    const doing = this.#built.size < this.#slots.length ? 'loading the program' : 'restoring'
    return new LightflusError(
      'LF_SLOT_START',
      `Slots ${slow.join(', ')} of job ${jobName} were not ready after ${limits.slotStartMsMax / 1_000} s: they were ${doing}.`,
      { details: { job: jobName } },
    )
  }

  #say(level: LogLine['level'], message: string): void {
    this.#options.onLog({ at: this.#options.now(), level, operator: null, message })
  }

  #internal(thrown: unknown): LightflusError {
    return toLightflusError(
      thrown,
      'LF_SLOT_CRASHED',
      `The coordinator of job ${this.#options.options.jobName} failed: ${String(thrown)}`,
    )
  }
}
