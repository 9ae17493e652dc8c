import { Worker } from 'node:worker_threads'

export interface SupervisedThreadOptions {
  /** The module that the thread runs; it serves requests with {@link serveRequests}. */
  readonly entry: URL
  /** Heap of the thread. A program that makes it need more ends the thread, and nothing else. */
  readonly heapBytesMax: number
  readonly stackBytes: number
  /** The thread ends when it had nothing to do for so long, and comes back with the next request. */
  readonly idleMs: number
  /** Requests that may wait for the ones before them. */
  readonly waitingMax: number
  /** Options of Node that the thread needs beside those of the process. */
  readonly nodeOptions?: readonly string[]
}

/** `answer` is what the thread said; the others say why it said nothing. It is another thread afterwards. */
export type ThreadResult<Answer> =
  | { readonly kind: 'answer'; readonly value: Answer }
  | { readonly kind: 'time' }
  | { readonly kind: 'memory' }
  | { readonly kind: 'busy' }

/** What a request's thread posts back. */
export type ThreadMessage<Answer> = { readonly value: Answer } | { readonly thrown: unknown }

/**
 * A thread that does one request at a time and that no request can keep: one that takes too long or fills the heap
 * loses its thread. Programs are hostile until shown otherwise, and both TypeScript's checker and a sandbox can be made
 * to run for ever inside one call.
 */
export class SupervisedThread<Request, Answer> {
  readonly #options: SupervisedThreadOptions
  #worker: Worker | undefined
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()
  #idleTimer: NodeJS.Timeout | undefined

  constructor(options: SupervisedThreadOptions) {
    this.#options = options
  }

  /**
   * The answer to a request, once those before it have theirs.
   * @param deadlineMs counted from when the thread begins with it.
   * @throws what the thread threw: a bug of this library, not a property of the program.
   */
  async call(request: Request, deadlineMs: number): Promise<ThreadResult<Answer>> {
    if (this.#waiting >= this.#options.waitingMax) return { kind: 'busy' }
    this.#waiting += 1
    const turn = this.#last.then(() => this.#perform(request, deadlineMs))
    this.#last = turn.catch(() => undefined)
    try {
      return await turn
    } finally {
      this.#waiting -= 1
    }
  }

  /** Starts the thread, so that it is there when a request comes. */
  open(): void {
    if (this.#worker) return
    this.#worker = this.#start()
    this.#rest(this.#worker)
  }

  /** Ends the thread once the requests at hand have their answers. The next request would start another. */
  async close(): Promise<void> {
    await this.#last
    await this.#end()
  }

  async #perform(request: Request, deadlineMs: number): Promise<ThreadResult<Answer>> {
    clearTimeout(this.#idleTimer)
    const worker = (this.#worker ??= this.#start())
    worker.ref()
    let deadline: NodeJS.Timeout | undefined
    const result = await new Promise<ThreadResult<Answer> | { kind: 'thrown'; thrown: unknown }>((resolve) => {
      deadline = setTimeout(() => resolve({ kind: 'time' }), deadlineMs)
      worker.once('message', (message: ThreadMessage<Answer>) =>
        resolve(
          'value' in message ? { kind: 'answer', value: message.value } : { kind: 'thrown', thrown: message.thrown },
        ),
      )
      worker.once('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? { kind: 'memory' } : { kind: 'thrown', thrown: error }),
      )
      worker.once('exit', (code) =>
        resolve({ kind: 'thrown', thrown: new Error(`The thread ended with code ${code}.`) }),
      )
      worker.postMessage(request)
    })
    clearTimeout(deadline)
    for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event)
    // Not waited for: should a thread not be ended, which has happened, the next request gets another all the same.
    if (result.kind !== 'answer') void this.#end()
    else this.#rest(worker)
    if (result.kind === 'thrown') throw result.thrown
    return result
  }

  #start(): Worker {
    const { entry, heapBytesMax, stackBytes, nodeOptions } = this.#options
    return new Worker(entry, {
      ...(nodeOptions && { execArgv: [...process.execArgv, ...nodeOptions] }),
      resourceLimits: { maxOldGenerationSizeMb: heapBytesMax / 2 ** 20, stackSizeMb: stackBytes / 2 ** 20 },
    })
  }

  /** The thread keeps no process alive while it rests. */
  #rest(worker: Worker): void {
    worker.unref()
    worker.on('error', () => undefined)
    this.#idleTimer = setTimeout(() => void this.#end(), this.#options.idleMs).unref()
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idleTimer)
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }
}
