import { randomBytes } from 'node:crypto'
import { deserializeError, LightflusError, toLightflusError } from '@lightflus/api'
import type { Following } from '@lightflus/connectors'
import type { PhysicalPlan } from '@lightflus/engine'
import type { ResolvedOptions } from '../deployment-options.ts'
import type { SharedWays } from '../exchange/share-ways.ts'
import { workerOfSlot, type Placement } from '../placement.ts'
import {
  beatMs,
  decodeMessage,
  decodeSignal,
  encodeMessage,
  encodeSignal,
  topicNames,
  type FromWorker,
  type MessageFromRemote,
  type Signal,
  type ToWorker,
} from './control-messages.ts'
import { ExchangeLink, type CreateBridge } from './exchange-link.ts'
import { RemoteSlot } from './remote-slot.ts'
import { RingBridge } from './ring-bridge.ts'
import { SessionLink, type WorkerProcess } from './session-link.ts'
import { Silence } from './silence.ts'
import type { WorkerTopic, WorkerTopics } from './worker-topics.ts'
import { shareWorkerWays } from './worker-ways.ts'

export interface SessionHandlers {
  readonly onMessage: (slot: number, message: MessageFromRemote) => void
  readonly onSlotFailure: (slot: number, error: LightflusError) => void
  /** The attempt cannot go on. */
  readonly onFailure: (error: LightflusError) => void
}

/** What tells a coordinator that was started anew from one that goes on after it was superseded. */
export interface CoordinatorIdentity {
  /** Drawn at random, once for all of its attempts. */
  readonly process: number
  /** The attempt that it has last claimed; 0: none. */
  readonly after: number
}

export interface CoordinatorSessionOptions extends SessionHandlers {
  readonly options: ResolvedOptions
  readonly placement: Placement
  readonly coordinator: CoordinatorIdentity
  readonly loadTopics: () => Promise<WorkerTopics>
}

type StartOfAttempt = Omit<Extract<ToWorker, { type: 'start' }>, 'type' | 'members'>

const nothing = new Uint8Array(0)

/** The coordinator's ways to the other workers, for one attempt. */
export class CoordinatorSession {
  readonly #options: CoordinatorSessionOptions
  readonly #placement: Placement
  readonly #id = randomBytes(16)
  readonly #own: WorkerProcess
  readonly #abort = new AbortController()
  readonly #slots = new Map<number, RemoteSlot>()
  /** The process that takes part, by worker. */
  readonly #members = new Map<number, number>()
  readonly #silences = new Map<number, Silence>()
  readonly #lost = new Set<number>()
  #control: WorkerTopic | undefined
  #exchange: WorkerTopic | undefined
  #exchangeFrom = 0
  #link: SessionLink | undefined
  #following: Following | undefined
  #exchangeLink: ExchangeLink | undefined
  #beat: NodeJS.Timeout | undefined

  constructor(options: CoordinatorSessionOptions) {
    this.#options = options
    this.#placement = options.placement
    this.#own = { worker: this.#placement.worker, process: options.coordinator.process }
  }

  /** The slot, if another worker hosts it. */
  slot(index: number): RemoteSlot | undefined {
    const worker = this.#workerOf(index)
    if (worker === this.#placement.worker) return undefined
    const slot = new RemoteSlot(index, worker, (message) => this.#send(worker, message))
    this.#slots.set(index, slot)
    return slot
  }

  /** Workers that have not joined yet. */
  get missing(): readonly number[] {
    return this.#others.filter((worker) => !this.#members.has(worker))
  }

  /** Calls the other workers together. @throws LF_CONNECTION_*, LF_KAFKA_* */
  async open(): Promise<void> {
    const { topicPrefix, workers } = this.#placement
    const topics = await this.#options.loadTopics()
    const names = topicNames(topicPrefix, workers)
    const { signal } = this.#abort
    await topics.create([names.control, names.exchange], workers, signal)
    const open = async (name: string): Promise<WorkerTopic> => {
      const log = await topics.open(name, { signal, onFailure: (error) => this.#failed(error) })
      if (log) return log
      throw this.#lostWay(`topic ${name} is gone`)
    }
    this.#control = await open(names.control)
    this.#exchange = await open(names.exchange)
    this.#exchangeFrom = await this.#exchange.end(this.#own.worker)
    this.#link = new SessionLink({
      session: this.#id,
      own: this.#own,
      log: this.#control,
      memberOf: (worker, speaking) => {
        // Whoever speaks has joined: should the signal that says so come later, the first of its records were passed over.
        if (!this.#members.has(worker)) this.#alive(worker, speaking)
        return this.#lost.has(worker) ? undefined : this.#members.get(worker)
      },
      onMessage: (worker, message) => this.#receive(worker, decodeMessage<FromWorker>(message)),
    })
    const from = await this.#control.end(this.#placement.worker)
    if (signal.aborted) return
    this.#following = this.#control.follow(this.#placement.worker, from, (record) => this.#heard(record))
    this.#beat = setInterval(() => this.#sendBeat(), beatMs)
    this.#sendBeat()
  }

  /** Gives up what waits for Kafka. */
  abandon(): void {
    if (!this.#beat) this.#abort.abort()
  }

  /** What the slots here reach each other and all others by. */
  join(plan: PhysicalPlan, alignment: SharedArrayBuffer): readonly SharedWays[] {
    const ways = shareWorkerWays(plan, (slot) => !this.#slots.has(slot))
    const workerOf = (slot: number): number => this.#workerOf(slot)
    this.joinExchange((send) => new RingBridge({ plan, ways, alignment, workerOf, send }))
    // The first worker's slots are the first of all.
    return [...ways.shared.values()]
  }

  /** From now on what the others send comes to the bridge. */
  joinExchange(createBridge: CreateBridge): void {
    this.#exchangeLink = new ExchangeLink({
      log: this.#exchange!,
      from: this.#exchangeFrom,
      session: this.#id,
      own: this.#own,
      members: this.#members,
      createBridge,
      onFailure: (error) => this.#failed(error),
    })
  }

  /** Starts the slots of the other workers. */
  start(attempt: StartOfAttempt): void {
    const members = new Map([...this.#members, [this.#own.worker, this.#own.process]])
    for (const worker of this.#others) this.#send(worker, { type: 'start', ...attempt, members })
  }

  /** Once every slot has ended. */
  close(): void {
    clearInterval(this.#beat)
    for (const silence of this.#silences.values()) silence.close()
    this.#following?.close()
    this.#exchangeLink?.close()
    this.#abort.abort()
    this.#exchange?.close()
    this.#control?.close()
  }

  get #others(): number[] {
    return Array.from({ length: this.#placement.workers - 1 }, (_, at) => at + 1)
  }

  #workerOf(slot: number): number {
    return workerOfSlot(slot, this.#options.options.parallelism, this.#placement.workers)
  }

  #send(worker: number, message: ToWorker): void {
    // Before it has joined there is nothing of the session to end there.
    if (this.#members.has(worker) && !this.#lost.has(worker)) this.#link!.send(worker, nothing, encodeMessage(message))
  }

  #sendBeat(): void {
    const beat: Signal = {
      type: 'beat',
      session: this.#id.toString('hex'),
      ...this.#options.coordinator,
      isOpen: this.missing.length > 0,
      members: this.#members,
    }
    for (const worker of this.#others) this.#control!.append(worker, encodeSignal(beat))
  }

  #heard(record: Buffer): void {
    try {
      const signal = decodeSignal(record)
      if (signal) this.#signalled(signal)
      else this.#link!.receive(record)
    } catch (thrown) {
      this.#failed(thrown)
    }
  }

  #signalled(signal: Signal): void {
    if (!('session' in signal) || signal.session !== this.#id.toString('hex')) return
    switch (signal.type) {
      case 'alive':
        return this.#alive(signal.worker, signal.process)
      case 'fresh':
        if (this.#members.has(signal.worker) && this.#members.get(signal.worker) !== signal.process)
          this.#lose(signal.worker, 'its process was started again')
        return
      case 'left':
        if (this.#members.get(signal.worker) === signal.process)
          this.#lose(signal.worker, signal.error ? `it left: ${signal.error.message}` : 'it left')
        return
      case 'superseded':
        return this.#options.onFailure(this.#superseded())
    }
  }

  #alive(worker: number, process: number): void {
    if (this.#lost.has(worker)) return
    if (!this.#members.has(worker)) {
      this.#members.set(worker, process)
      const { workerSilenceMsMax } = this.#options.options.limits
      const silence = new Silence(workerSilenceMsMax, () =>
        this.#lose(worker, `nothing was heard of it for ${workerSilenceMsMax / 1_000} s`),
      )
      this.#silences.set(worker, silence)
    }
    if (this.#members.get(worker) === process) this.#silences.get(worker)!.heard()
  }

  #receive(worker: number, message: FromWorker): void {
    this.#silences.get(worker)?.heard()
    switch (message.type) {
      case 'fromSlot':
        return this.#options.onMessage(message.slot, message.message)
      case 'slotFailed':
        return this.#options.onSlotFailure(message.slot, deserializeError(message.error))
      case 'failed':
        return this.#options.onFailure(deserializeError(message.error))
      case 'terminated':
        return this.#slots.get(message.slot)?.terminated(message.hasEnded)
    }
  }

  #lose(worker: number, because: string): void {
    if (this.#lost.has(worker)) return
    this.#lost.add(worker)
    this.#silences.get(worker)?.close()
    const { jobName } = this.#options.options
    const error = new LightflusError('LF_PEER_LOST', `Worker ${worker} of job ${jobName} is lost: ${because}.`, {
      details: { job: jobName, worker },
    })
    for (const slot of this.#slots.values()) {
      if (slot.worker !== worker) continue
      this.#options.onSlotFailure(slot.index, error)
      slot.terminated(true)
    }
  }

  #failed(thrown: unknown): void {
    const { jobName } = this.#options.options
    const message = `Workers of job ${jobName} lost each other: ${String(thrown)}`
    this.#options.onFailure(toLightflusError(thrown, 'LF_PEER_LOST', message, { job: jobName }))
  }

  #lostWay(why: string): LightflusError {
    const { jobName } = this.#options.options
    return new LightflusError('LF_PEER_LOST', `Workers of job ${jobName} cannot reach each other: ${why}.`, {
      details: { job: jobName },
    })
  }

  #superseded(): LightflusError {
    const { jobName } = this.#options.options
    return new LightflusError(
      'LF_ATTEMPT_FENCED',
      `Another coordinator of job ${jobName} has taken its workers, so this one ended itself.`,
      { details: { job: jobName } },
    )
  }
}
