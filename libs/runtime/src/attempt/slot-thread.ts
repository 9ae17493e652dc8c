import { Worker, type Transferable } from 'node:worker_threads'
import { LightflusError } from '@lightflus/api'
import type { CheckpointStorage } from '@lightflus/storage'
import { answerIngest } from '../ingest/answer-ingest.ts'
import type { IngestAnswer, IngestQuestion } from '../ingest/ingest-messages.ts'
import type { MessageFromSlot, MessageToSlot, SlotSetup } from '../slot/messages.ts'
import { LogLines } from '../slot/log-lines.ts'
import { readLines } from './line-reader.ts'
import { watchSilence } from './silence-watch.ts'
import { probeStack, type StackFrame } from './stack-probe.ts'

const mebibyte = 1_048_576

/**
 * What the young generation of a slot's heap may take, MiB: three spaces, each a 64th of the heap's limit, but 4 MiB at
 * least and 16 MiB, V8's own bound, at most. By itself V8 lets them grow to 16 MiB in any slot that runs for long, and most
 * of that is what has died.
 */
function youngGenerationMb(heapBytesMax: number): number {
  const space = heapBytesMax / 64 / mebibyte
  return 3 * Math.floor(Math.min(Math.max(space, 4), 16))
}

/** How long a thread that is told to end may take. */
const terminateMsMax = 5_000

/** This file runs as TypeScript from the sources and as JavaScript from the build: so does the thread's. */
const fromSources = import.meta.url.endsWith('.ts')
const entry = new URL(fromSources ? '../slot/slot-main.ts' : '../slot/slot-main.js', import.meta.url)

/**
 * Under the permission model a thread cannot be asked where it stands (see stack-probe.ts) unless it allows that; the
 * program itself is kept from the inspector in guards.ts.
 */
const probing = ['--allow-inspector', '--disable-warning=PERM0004']

/** Without options of its own a thread takes over those of the process. */
function threadOptions(nodeOptions: readonly string[] | undefined): { readonly execArgv?: string[] } {
  if (nodeOptions === undefined && !fromSources) return {}
  const own = nodeOptions ?? process.execArgv
  return {
    execArgv: [
      ...own,
      ...(own.includes('--permission') ? probing : []),
      ...(fromSources ? ['--conditions=@lf/source'] : []),
    ],
  }
}

export interface SlotThreadOptions {
  readonly setup: Omit<SlotSetup, 'heartbeat'>
  /** Where the job's own logs lie, which the slot reads through this. */
  readonly storage: CheckpointStorage
  readonly heapBytesMax: number
  readonly nodeOptions: readonly string[] | undefined
  readonly silenceMsMax: number
  readonly standardOutput: 'inherit' | 'log'
  readonly now: () => number
  readonly onMessage: (message: MessageFromSlot) => void
  /** Once, when the thread ended or must end otherwise than by `terminate`. */
  readonly onFailure: (error: LightflusError, stack: readonly StackFrame[]) => void
}

/** The coordinator's side of a slot: its thread, and all the ways in which that may come to an end. */
export class SlotThread {
  readonly #options: SlotThreadOptions
  readonly #worker: Worker
  readonly #endWatch: () => void
  readonly #exited = Promise.withResolvers<void>()
  #over = false

  constructor(options: SlotThreadOptions) {
    this.#options = options
    const heartbeat = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
    const setup: SlotSetup = { ...options.setup, heartbeat }
    this.#worker = new Worker(entry, {
      name: `${setup.job}/${setup.index}`,
      workerData: setup,
      // A program sees nothing of the environment, where secrets of the worker may be.
      env: {},
      stdout: options.standardOutput === 'log',
      stderr: true,
      resourceLimits: {
        maxOldGenerationSizeMb: Math.floor(options.heapBytesMax / mebibyte),
        maxYoungGenerationSizeMb: youngGenerationMb(options.heapBytesMax),
      },
      ...threadOptions(options.nodeOptions),
    })
    this.#worker.on('message', (message: MessageFromSlot | IngestQuestion) => {
      if (message.type === 'ingestQuestion') void this.#answer(message)
      else if (!this.#over) options.onMessage(message)
    })
    this.#worker.on('error', (thrown) => this.#fail(this.#ended(thrown)))
    this.#worker.on('messageerror', (thrown) =>
      this.#fail(this.#crashed(`sent what cannot be read: ${thrown.message}`, thrown)),
    )
    this.#worker.on('exit', (code) => {
      this.#fail(this.#crashed(`ended with code ${code}`))
      this.#exited.resolve()
    })
    this.#readOutput()
    this.#endWatch = watchSilence(heartbeat, options.silenceMsMax, () => void this.#failSilent())
  }

  get index(): number {
    return this.#options.setup.index
  }

  post(message: MessageToSlot | IngestAnswer, moved: readonly Transferable[] = []): void {
    if (!this.#over) this.#worker.postMessage(message, moved)
  }

  /** Starts its subtasks; what it restores, and its ports, are its own from then on. */
  start(start: Omit<Extract<MessageToSlot, { type: 'start' }>, 'type'>): void {
    const ports = start.shared?.ports.filter((port) => port !== undefined) ?? []
    const moved = [...ports, ...(start.restore ? [start.restore.buffer as ArrayBuffer] : [])]
    this.post({ type: 'start', ...start }, moved)
  }

  /**
   * Ends the thread wherever it is.
   * @returns whether it has ended: one that waits for the system (a write that no disk or pipe takes) runs no program any
   * more, but ends only when that call returns
   */
  async terminate(): Promise<boolean> {
    this.#over = true
    this.#endWatch()
    void this.#worker.terminate()
    const { promise: late, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(resolve, terminateMsMax, false)
    const ended = await Promise.race([this.#exited.promise.then(() => true), late])
    clearTimeout(timer)
    if (!ended) this.#worker.unref()
    return ended
  }

  async #answer(question: IngestQuestion): Promise<void> {
    const { storage, setup } = this.#options
    this.post(await answerIngest({ storage, job: setup.job }, question))
  }

  /** What was written past the console: by sinks, by Node's own warnings. */
  #readOutput(): void {
    const { now, onMessage, setup, standardOutput } = this.#options
    const lines = new LogLines({
      now,
      linesPerSecondMax: setup.logLinesPerSecondMax,
      post: (line) => onMessage({ type: 'log', line }),
    })
    if (standardOutput === 'log') readLines(this.#worker.stdout, (line) => lines.add('info', null, line))
    readLines(this.#worker.stderr, (line) => lines.add('warn', null, line))
  }

  #fail(error: LightflusError, stack: readonly StackFrame[] = []): void {
    this.#endWatch()
    if (this.#over) return
    this.#over = true
    this.#options.onFailure(error, stack)
  }

  async #failSilent(): Promise<void> {
    const stack = await probeStack(this.#worker)
    void this.#worker.terminate()
    const { job } = this.#options.setup
    const seconds = Math.round(this.#options.silenceMsMax / 1_000)
    this.#fail(
      new LightflusError('LF_SLOT_UNRESPONSIVE', `Slot ${this.index} of job ${job} was silent for ${seconds} s.`, {
        details: { job, slot: this.index },
      }),
      stack,
    )
  }

  #ended(thrown: unknown): LightflusError {
    const { job } = this.#options.setup
    if ((thrown as NodeJS.ErrnoException | undefined)?.code !== 'ERR_WORKER_OUT_OF_MEMORY') {
      return this.#crashed(`failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`, thrown)
    }
    const limit = Math.floor(this.#options.heapBytesMax / mebibyte)
    return new LightflusError(
      'LF_SLOT_MEMORY',
      `Slot ${this.index} of job ${job} reached its limit of ${limit} MiB of heap.`,
      { details: { job, slot: this.index, heapBytesMax: this.#options.heapBytesMax } },
    )
  }

  #crashed(what: string, cause?: unknown): LightflusError {
    const { job } = this.#options.setup
    return new LightflusError('LF_SLOT_CRASHED', `Slot ${this.index} of job ${job} ${what}.`, {
      details: { job, slot: this.index },
      cause,
    })
  }
}
