import { randomUUID } from 'node:crypto'
import { LightflusError, toLightflusError } from '@lightflus/api'
import { loadTopicLogs } from '@lightflus/connectors'
import { JobHolder } from '@lightflus/storage'
import { Attempt, type AttemptEnd, type AttemptOptions, type EndRequest } from './attempt/attempt.ts'
import type {
  CheckpointCounts,
  CheckpointInfo,
  DeploymentHandle,
  DeploymentOptions,
  DeploymentState,
  FinalState,
  LogLine,
  OperatorMetrics,
  Outcome,
  Usage,
} from './deployment.ts'
import { resolveOptions, type ResolvedOptions } from './deployment-options.ts'
import { decideRestart } from './restart-policy.ts'
import { openStateFolder, type StateFolder } from './state-store/state-folder.ts'
import { drawProcess } from './workers/session-link.ts'

const noUsage: Usage = { slotSeconds: 0, recordsIn: 0, recordsOut: 0, bytesIn: 0, bytesOut: 0 }
const noCheckpoints: CheckpointCounts = { completed: 0, failed: 0, lastFailure: null }

/** What a request ends with where no attempt runs that could make a savepoint: the newest checkpoint stands. */
const endedBetween = { suspend: 'SUSPENDED', stop: 'STOPPED' } as const satisfies Partial<
  Record<EndRequest, FinalState>
>

/** Runs attempt after attempt, until one ends for good. */
class Deployment implements DeploymentHandle {
  readonly done: Promise<Outcome>
  readonly #given: DeploymentOptions
  readonly #failures: number[] = []
  readonly #holder = new JobHolder(randomUUID())
  /** What tells it from other coordinators that the same workers hear of. */
  readonly #process = drawProcess()
  #attempt = 0
  #state: DeploymentState = 'STARTING'
  #error: LightflusError | undefined
  #checkpoint: CheckpointInfo | undefined
  #request: EndRequest | undefined
  /** For whom a savepoint is to be taken while the job goes on. */
  #savepoint: PromiseWithResolvers<CheckpointInfo> | undefined
  #cancelled = false
  /** The newest checkpoint names output that may still have to be committed. */
  #leavesOutput = false
  #isFinal = false
  #running: Attempt | undefined
  /** The attempt that has the number: its figures are the ones to show. */
  #claimed: Attempt | undefined
  #wake: () => void = () => {}

  constructor(options: DeploymentOptions) {
    this.#given = options
    this.done = this.#run()
  }

  get attempt(): number {
    return this.#attempt
  }

  get state(): DeploymentState {
    return this.#state
  }

  get error(): LightflusError | undefined {
    return this.#error
  }

  metrics(): readonly OperatorMetrics[] {
    return this.#claimed?.figures.metrics() ?? []
  }

  usage(): Usage {
    return this.#claimed?.figures.usage() ?? noUsage
  }

  checkpoints(): CheckpointCounts {
    return this.#claimed?.figures.checkpoints.counts ?? noCheckpoints
  }

  savepoint(): Promise<CheckpointInfo> {
    if (this.#isFinal) return Promise.reject(this.#savepointError(this.#error))
    if (!this.#savepoint) {
      this.#savepoint = Promise.withResolvers<CheckpointInfo>()
      this.#running?.savepoint()
    }
    return this.#savepoint.promise
  }

  suspend(): Promise<Outcome> {
    return this.#ask('suspend')
  }

  stop(): Promise<Outcome> {
    return this.#ask('stop')
  }

  drain(): Promise<Outcome> {
    return this.#ask('drain')
  }

  cancel(): Promise<Outcome> {
    this.#cancelled = true
    this.#running?.cancel()
    this.#wake()
    return this.done
  }

  #ask(request: EndRequest): Promise<Outcome> {
    this.#request = request
    this.#running?.request(request)
    this.#wake()
    return this.done
  }

  async #run(): Promise<Outcome> {
    // No callback may run before the caller has the handle.
    await undefined
    let options: ResolvedOptions
    try {
      options = resolveOptions(this.#given)
      assertFirstWorker(options)
    } catch (thrown) {
      return this.#finish('FAILED', toLightflusError(thrown, 'LF_DEPLOYMENT_OPTION', String(thrown)))
    }
    let folder: StateFolder
    try {
      folder = await openStateFolder(options)
    } catch (thrown) {
      return this.#finish('FAILED', toLightflusError(thrown, 'LF_STATE_DISK', String(thrown)))
    }
    const outcome = await this.#runAttempts(folder)
    await this.#tidied(options, folder.close())
    // Otherwise another has taken the workers over.
    if (outcome.error?.code !== 'LF_ATTEMPT_FENCED') await this.#dismissWorkers(options)
    return outcome
  }

  async #tidied(options: ResolvedOptions, removed: Promise<void>): Promise<void> {
    try {
      await removed
    } catch (thrown) {
      this.#say(options, 'warn', `State on disk is left over. ${String(thrown)}`)
    }
  }

  async #runAttempts(folder: StateFolder): Promise<Outcome> {
    const { options } = folder
    for (;;) {
      const end = await this.#runAttempt(folder)
      await this.#tidied(options, folder.clear())
      if (end.kind === 'cancelled') return this.#finish('CANCELLED')
      if (end.kind === 'ended') return this.#finish(end.ending)
      if (this.#cancelled) return this.#finish('CANCELLED')
      const final = await this.#betweenAttempts(options, end.error)
      if (final) return final
    }
  }

  /** Where records go between workers is known to those only that need it: it takes its time to load. */
  async #sessionsOf(options: ResolvedOptions): Promise<AttemptOptions['createSession']> {
    const { placement } = options
    if (!placement || placement.workers === 1) return undefined
    const coordinator = { process: this.#process, after: this.#attempt }
    const { CoordinatorSession } = await import('./workers/coordinator-session.ts')
    const loadTopics = () => loadTopicLogs(placement.exchange)
    return (handlers) => new CoordinatorSession({ ...handlers, options, placement, coordinator, loadTopics })
  }

  async #dismissWorkers(options: ResolvedOptions): Promise<void> {
    const { placement } = options
    if (!placement || placement.workers === 1) return
    try {
      await (await import('./workers/dismiss-workers.ts')).dismissWorkers(placement, this.#process)
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      this.#say(options, 'warn', `Topics between workers, ${placement.topicPrefix}.*, are left over. ${reason}`)
    }
  }

  async #runAttempt({ options, restoredSegments }: StateFolder): Promise<AttemptEnd> {
    const createSession = await this.#sessionsOf(options)
    const attempt = new Attempt({
      options,
      holder: this.#holder,
      now: Date.now,
      onClaimed: (number) => {
        this.#claimed = attempt
        this.#attempt = number
        this.#become('STARTING')
      },
      onRunning: () => this.#become('RUNNING'),
      onCheckpoint: (checkpoint) => {
        this.#checkpoint = checkpoint
        if (checkpoint.kind === 'savepoint') this.#giveSavepoint(checkpoint)
        options.onCheckpoint?.(checkpoint)
      },
      onCommitted: (checkpoint) => options.onCheckpointCommitted?.(checkpoint),
      onSavepointFailed: (error) => this.#refuseSavepoint(error),
      onLog: (line) => options.onLog?.(line),
      onRows: (sink, rows) => options.onRows?.(sink, rows),
      restoredSegments,
      ...(createSession && { createSession }),
    })
    this.#running = attempt
    if (this.#cancelled) attempt.cancel()
    if (this.#request) attempt.request(this.#request)
    if (this.#savepoint) attempt.savepoint()
    const end = await attempt.run()
    this.#leavesOutput = attempt.leavesOutput
    this.#running = undefined
    if (this.#claimed === attempt) {
      const { figures } = attempt
      options.onAttemptEnd?.({
        attempt: this.#attempt,
        metrics: figures.metrics(),
        usage: figures.usage(),
        checkpoints: figures.checkpoints.counts,
      })
    }
    return end
  }

  /** Waits until the next attempt may start; the outcome, if there is to be none. */
  async #betweenAttempts(options: ResolvedOptions, error: LightflusError): Promise<Outcome | undefined> {
    const now = performance.now()
    this.#failures.push(now)
    const decision = decideRestart(options.restart, { error, failures: this.#failures, now, random: Math.random() })
    if (!decision.restart) {
      if (decision.because) this.#say(options, 'error', `There is no further attempt. ${decision.because}`)
      return this.#finish('FAILED', error)
    }
    this.#failures.splice(0, this.#failures.length - options.restart.failuresMax - 1)
    this.#say(options, 'warn', `${error.code}: ${error.message} The next attempt starts in ${decision.delayMs} ms.`)
    this.#become('RESTARTING', error)
    await this.#pause(decision.delayMs)
    if (this.#cancelled) return this.#finish('CANCELLED')
    // What the newest checkpoint promised has to be kept before the job rests.
    if (this.#request === undefined || this.#request === 'drain' || this.#leavesOutput) return undefined
    this.#say(options, 'warn', 'No savepoint could be made; the newest checkpoint stands.')
    return this.#finish(endedBetween[this.#request])
  }

  /** Ends early when something is asked for. */
  async #pause(ms: number): Promise<void> {
    if (this.#request || this.#cancelled) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    this.#wake = resolve
    await promise
    clearTimeout(timer)
    this.#wake = () => {}
  }

  #finish(state: FinalState, error?: LightflusError): Outcome {
    this.#become(state, error)
    this.#isFinal = true
    this.#refuseSavepoint(error)
    return { state, attempt: this.#attempt, error, checkpoint: this.#checkpoint }
  }

  #giveSavepoint(savepoint: CheckpointInfo): void {
    this.#savepoint?.resolve(savepoint)
    this.#savepoint = undefined
  }

  #refuseSavepoint(error: LightflusError | undefined): void {
    this.#savepoint?.reject(this.#savepointError(error))
    this.#savepoint = undefined
  }

  #savepointError(cause: LightflusError | undefined): LightflusError {
    const { jobName } = this.#given
    const why = cause ? ` ${cause.message}` : ''
    return new LightflusError('LF_SAVEPOINT_FAILED', `Job ${jobName}, ${this.#state}, took no savepoint.${why}`, {
      details: { job: jobName },
      cause,
    })
  }

  #become(state: DeploymentState, error?: LightflusError): void {
    this.#state = state
    this.#error = error
    this.#given.onState?.({ state, attempt: this.#attempt, error })
  }

  #say(options: ResolvedOptions, level: LogLine['level'], message: string): void {
    options.onLog?.({ at: Date.now(), level, operator: null, message })
  }
}

/** @throws LF_DEPLOYMENT_OPTION */
function assertFirstWorker({ jobName, placement }: ResolvedOptions): void {
  if (!placement || placement.worker === 0) return
  throw new LightflusError(
    'LF_DEPLOYMENT_OPTION',
    `Job ${jobName}: worker ${placement.worker} hosts no coordinator, so it joins the deployment, and starts none.`,
    { details: { job: jobName } },
  )
}

/**
 * Runs a job in threads of this process. Returns at once; whatever goes wrong, options included, is in
 * {@link DeploymentHandle.done}. Callbacks run in the calling thread and must not throw.
 */
export function startDeployment(options: DeploymentOptions): DeploymentHandle {
  return new Deployment(options)
}
