import { isLightflusError, LightflusError } from '@lightflus/api'
import type { Host } from '../../subtask/ports.ts'
import { messageOf } from '../record-failures.ts'

export interface CallOptions {
  /** After how long one try counts as failed. */
  readonly timeoutMs: number
  /** Tries after the first. */
  readonly retries: number
  /** Hears of each try that failed and is followed by another. */
  readonly onRetry: (thrown: unknown) => void
}

/** Pauses between two tries double from the first of these to the second, milliseconds. */
const pauseMsMin = 100
const pauseMsMax = 10_000

/** Calls of a function of the program that belong together: ending them ends every one that is under way. */
export class PendingCalls {
  readonly #host: Host
  readonly #options: CallOptions
  /** What ends the tries and pauses that are under way. */
  readonly #endings = new Set<(reason: unknown) => void>()
  #ended: { readonly reason: unknown } | undefined

  constructor(host: Host, options: CallOptions) {
    this.#host = host
    this.#options = options
  }

  /**
   * Calls, and calls again while that fails.
   * @throws LF_CALL_FAILED with what the last try was rejected with, or as it came where it has a code of its own; the
   * reason of {@link end} once that was called
   */
  async run(call: (signal: AbortSignal) => unknown): Promise<unknown> {
    const { retries, onRetry } = this.#options
    for (let tries = 1; ; tries++) {
      try {
        return await this.#try(call)
      } catch (thrown) {
        if (this.#ended) throw this.#ended.reason
        if (tries > retries) throw failure(thrown, tries)
        onRetry(thrown)
      }
      await this.#pause(Math.min(pauseMsMin * 2 ** (tries - 1), pauseMsMax))
    }
  }

  /** Aborts the signals of all calls under way, and rejects them with this reason at once, whatever they do about it. */
  end(reason: unknown): void {
    if (this.#ended) return
    this.#ended = { reason }
    for (const end of this.#endings) end(reason)
  }

  #try(call: (signal: AbortSignal) => unknown): Promise<unknown> {
    const abort = new AbortController()
    const { timeoutMs } = this.#options
    return this.#waitFor(timeoutMs, (resolve, reject) => {
      // Inside a promise, so that what is thrown at once is a rejection too.
      new Promise((settle) => settle(call(abort.signal))).then(resolve, reject)
      return (reason) => {
        const why = reason ?? new Error(`no answer within ${timeoutMs / 1_000} s`)
        abort.abort(why)
        reject(why)
      }
    })
  }

  #pause(ms: number): Promise<unknown> {
    return this.#waitFor(ms, (resolve, reject) => (reason) => {
      if (reason === undefined) resolve(undefined)
      else reject(reason)
    })
  }

  /** Begins something that ends by itself, after `ms` (then `end` has no reason), or with all calls. */
  #waitFor(
    ms: number,
    begin: (resolve: (value: unknown) => void, reject: (reason: unknown) => void) => (reason?: unknown) => void,
  ): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended.reason as Error)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const end = begin(resolve, reject)
    const callOff = this.#host.after(ms, () => end())
    this.#endings.add(end)
    return promise.finally(() => {
      callOff()
      this.#endings.delete(end)
    })
  }
}

function failure(thrown: unknown, tries: number): unknown {
  if (isLightflusError(thrown)) return thrown
  const after = tries === 1 ? '' : `, after ${tries} tries`
  return new LightflusError('LF_CALL_FAILED', `${messageOf(thrown)}${after}`, { cause: thrown })
}
