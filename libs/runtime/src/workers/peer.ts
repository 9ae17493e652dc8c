import { LightflusError, toLightflusError } from '@lightflus/api'
import type { ResolvedOptions } from '../deployment-options.ts'
import type { PeerHandle, Placement } from '../placement.ts'
import { openStateFolder, type StateFolder } from '../state-store/state-folder.ts'
import { beatMs, decodeSignal, encodeSignal, topicNames, type Signal } from './control-messages.ts'
import type { PeerSession, PeerSessionOptions } from './peer-session.ts'
import { drawProcess, type WorkerProcess } from './session-link.ts'
import { Silence } from './silence.ts'
import type { WorkerTopic, WorkerTopics } from './worker-topics.ts'

/** How often it is looked whether the coordinator has made the topics, and after a failure, milliseconds. */
const retryMs = 500

type Beat = Extract<Signal, { type: 'beat' }>
type Session = Pick<PeerSession, 'id' | 'process' | 'hasJoined' | 'open' | 'receive' | 'end'>

export interface PeerOptions {
  readonly options: ResolvedOptions
  readonly placement: Placement
  readonly loadTopics: () => Promise<WorkerTopics>
  readonly createSession: (options: PeerSessionOptions) => Session
}

/** One of a deployment's workers, without its coordinator: takes part in session after session. */
export class Peer implements PeerHandle {
  readonly done: Promise<void>
  readonly #options: ResolvedOptions
  readonly #placement: Placement
  readonly #given: PeerOptions
  readonly #own: WorkerProcess
  readonly #leaving = new AbortController()
  #folder: StateFolder | undefined
  #control: WorkerTopic | undefined
  /** Settles what waits while the control topic is followed. */
  #round = Promise.withResolvers<'over' | 'again'>()
  #session: Session | undefined
  #silence: Silence | undefined
  /** The newest attempt that this worker has taken part in. */
  #attempt = 0
  /** The session that this worker was in last. */
  #lastSession: string | undefined
  #beat: NodeJS.Timeout | undefined
  /** One session ends before the next begins. */
  #changing: Promise<void> = Promise.resolve()

  constructor(given: PeerOptions) {
    const { options, placement } = given
    this.#given = given
    this.#options = options
    this.#placement = placement
    this.#own = { worker: placement.worker, process: drawProcess() }
    this.done = this.#run()
    // Whoever asks for it later is told all the same.
    this.done.catch(() => {})
  }

  async leave(): Promise<void> {
    this.#leaving.abort()
    this.#round.resolve('again')
    await this.done.catch(() => {})
  }

  async #run(): Promise<void> {
    const folder = await openStateFolder(this.#options)
    this.#folder = folder
    try {
      await this.#takePart()
    } finally {
      await folder.close()
    }
  }

  async #takePart(): Promise<void> {
    const topics = await this.#given.loadTopics()
    while (!this.#leaving.signal.aborted) {
      try {
        if ((await this.#follow(topics)) === 'over') return
      } catch (thrown) {
        const error = toLightflusError(thrown, 'LF_SLOT_CRASHED', String(thrown))
        if (!error.retry && error.code !== 'LF_EXCHANGE_PROTOCOL') throw error
        this.#say(`Worker ${this.#own.worker} begins again. ${error.message}`)
      }
      await this.#pause()
    }
  }

  /** Follows the control topic until the deployment is over, or it has to be begun again. */
  async #follow(topics: WorkerTopics): Promise<'over' | 'again'> {
    const { topicPrefix, workers } = this.#placement
    this.#round = Promise.withResolvers()
    const round = this.#round
    const { signal } = this.#leaving
    const control = await topics.open(topicNames(topicPrefix, workers).control, { signal, onFailure: round.reject })
    if (!control) return 'again'
    this.#control = control
    try {
      const from = await control.end(this.#own.worker)
      if (signal.aborted) return 'again'
      control.follow(this.#own.worker, from, (record) => this.#heard(record, topics))
      this.#beat = setInterval(() => this.#tellAlive(), beatMs)
      const how = await round.promise
      await this.#change(() => this.#endSession())
      if (how === 'over') await this.#tell({ type: 'bye', worker: this.#own.worker })
      return how
    } finally {
      clearInterval(this.#beat)
      await this.#change(() => this.#endSession())
      control.close()
    }
  }

  #heard(record: Buffer, topics: WorkerTopics): void {
    try {
      const signal = decodeSignal(record)
      if (!signal) this.#session?.receive(record)
      else if (signal.type === 'over') this.#over(signal.process)
      else if (signal.type === 'beat') this.#beaten(signal, topics)
    } catch (thrown) {
      this.#round.reject(thrown)
    }
  }

  /** One that has been superseded does not end what goes on without it. */
  #over(process: number): void {
    if (!this.#session || this.#session.process === process) this.#round.resolve('over')
  }

  /** Whether others have gone on with the job since a coordinator did, which may not have seen it yet. */
  #isSuperseded({ after, process }: Beat): boolean {
    // One that has only just begun takes over whatever goes on.
    if (after === 0) return false
    return after < this.#attempt || (this.#session !== undefined && this.#session.process !== process)
  }

  #beaten(beat: Beat, topics: WorkerTopics): void {
    const { worker, process } = this.#own
    const member = beat.members.get(worker)
    if (beat.session === this.#lastSession) {
      this.#silence?.heard()
      if (member !== undefined && member !== process) this.#round.reject(this.#replaced())
      return
    }
    if (this.#isSuperseded(beat)) {
      if (beat.isOpen) void this.#tell({ type: 'superseded', session: beat.session })
      return
    }
    if (beat.isOpen && (member === undefined || member === process)) {
      const before = this.#session?.id
      this.#lastSession = beat.session
      if (before !== undefined) void this.#tell({ type: 'superseded', session: before })
      void this.#change(() => this.#join(beat, topics))
    } else if (member !== process) {
      // A session that waits for nobody: either this process took the place of one that was in it, or another took its.
      if (this.#lastSession !== undefined) this.#round.reject(this.#replaced())
      else void this.#tell({ type: 'fresh', session: beat.session, worker, process })
    }
  }

  async #join({ session: id, process }: Beat, topics: WorkerTopics): Promise<void> {
    await this.#endSession()
    if (this.#lastSession !== id || this.#leaving.signal.aborted) return
    const session = this.#given.createSession({
      options: this.#folder!.options,
      placement: this.#placement,
      id: Buffer.from(id, 'hex'),
      own: this.#own,
      process,
      control: this.#control!,
      topics,
      restoredSegments: this.#folder!.restoredSegments,
      onAttempt: (attempt) => void (this.#attempt = attempt),
      onReplaced: () => this.#round.reject(this.#replaced()),
      onEnded: () => void this.#change(() => this.#endSession(session)),
    })
    this.#session = session
    const { workerSilenceMsMax } = this.#options.limits
    this.#silence = new Silence(workerSilenceMsMax, () => {
      this.#say(`Worker ${this.#own.worker} heard nothing of its coordinator for ${workerSilenceMsMax / 1_000} s.`)
      void this.#change(() => this.#endSession(session))
    })
    try {
      await session.open(() => this.#tellAlive())
    } catch (thrown) {
      // It may be tried again, as long as the coordinator waits.
      if (!session.hasJoined) this.#lastSession = undefined
      this.#round.reject(thrown)
    }
  }

  async #endSession(which = this.#session): Promise<void> {
    const session = this.#session
    if (!session || session !== which) return
    this.#silence?.close()
    this.#session = undefined
    await session.end()
    await this.#folder!.clear()
    await this.#tell({ type: 'left', session: session.id, ...this.#own, error: undefined })
  }

  #change(change: () => Promise<void>): Promise<void> {
    this.#changing = this.#changing.then(change).catch((thrown: unknown) => this.#round.reject(thrown))
    return this.#changing
  }

  #tellAlive(): void {
    if (this.#session?.hasJoined) void this.#tell({ type: 'alive', session: this.#session.id, ...this.#own })
  }

  /** What is not heard is told again, or is no harm. */
  async #tell(signal: Signal): Promise<void> {
    this.#control?.append(0, encodeSignal(signal))
    await this.#control?.flush().catch(() => {})
  }

  async #pause(): Promise<void> {
    const { signal } = this.#leaving
    if (signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, retryMs)
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
    clearTimeout(timer)
  }

  #replaced(): LightflusError {
    const { jobName } = this.#options
    return new LightflusError(
      'LF_PEER_REPLACED',
      `Another process takes part in job ${jobName} as worker ${this.#own.worker}, so this one ended itself.`,
      { details: { job: jobName, worker: this.#own.worker } },
    )
  }

  #say(message: string): void {
    this.#options.onLog?.({ at: Date.now(), level: 'warn', operator: null, message })
  }
}
