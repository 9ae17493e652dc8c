import type { Host } from '../../subtask/ports.ts'
import type { Output } from '../operator.ts'
import { PendingCalls, type CallOptions } from './pending-calls.ts'
import type { PiecewiseResults } from './piecewise-results.ts'

export interface BatchOfCallsOptions<Call> {
  readonly calls: readonly Call[]
  /** Calls under way at once, at most. */
  readonly concurrency: number
  readonly perCall: CallOptions
  readonly make: (call: Call, signal: AbortSignal) => unknown
  /** Both settle what the call was for in `results`; what they throw ends the batch. */
  readonly settled: (call: Call, value: unknown) => void
  readonly rejected: (call: Call, thrown: unknown) => void
  readonly results: PiecewiseResults
  readonly output: Output
  readonly host: Host
  /** Aborted when the job ends, and with it the batch. */
  readonly signal: AbortSignal
}

/** The calls that one batch of records needs, and what is emitted of them as they settle. */
export class BatchOfCalls<Call> {
  readonly #options: BatchOfCallsOptions<Call>
  readonly #pending: PendingCalls
  #next = 0
  #ended: { readonly reason: unknown } | undefined
  /** Wakes the loop that emits. */
  #wake = () => {}

  constructor(options: BatchOfCallsOptions<Call>) {
    this.#options = options
    this.#pending = new PendingCalls(options.host, options.perCall)
  }

  /** Resolves when every call has settled and every result was emitted. Whatever ends it earlier ends all calls. */
  async run(): Promise<void> {
    const { calls, concurrency, signal, results, output } = this.#options
    const abort = () => this.#end(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    for (let workers = Math.min(concurrency, calls.length); workers > 0; workers--) void this.#work()
    try {
      for (;;) {
        if (this.#ended) throw this.#ended.reason
        const piece = results.take()
        if (piece !== undefined) await output.emit(piece)
        else if (results.isComplete) return
        else await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      signal.removeEventListener('abort', abort)
      this.#end(new Error('The batch is done.'))
    }
  }

  /** Makes calls one after the other, until there are none left; several workers share them. */
  async #work(): Promise<void> {
    const { calls, make, settled, rejected } = this.#options
    while (this.#next < calls.length && !this.#ended) {
      const call = calls[this.#next++]
      try {
        await this.#pending
          .run((signal) => make(call, signal))
          .then(
            (value) => settled(call, value),
            (thrown: unknown) => {
              // Calls that were ended with the batch have not failed.
              if (!this.#ended) rejected(call, thrown)
            },
          )
      } catch (error) {
        this.#end(error)
      }
      this.#wake()
    }
  }

  #end(reason: unknown): void {
    this.#ended ??= { reason }
    this.#pending.end(this.#ended.reason)
    this.#wake()
  }
}
