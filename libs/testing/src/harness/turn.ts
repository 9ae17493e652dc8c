// Taken when the module is loaded: a test may replace timers by fake ones, which nobody would move on for the harness.
const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis

/**
 * Resolves when everything of this thread that waits for nothing outside has gone as far as it can. Message ports, since
 * no test framework fakes them.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof MessageChannel === 'undefined') return void startTimer(resolve, 0)
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

/** How long a call of the program is waited for, milliseconds of real time, before it counts as one that hangs. */
const patienceMs = 1_000

/** Calls of `mapAsync` and lookups, whose promises the program makes: nothing in the job can say when they are done. */
export class PendingCalls {
  readonly #pending = new Set<Promise<void>>()

  /** Hands the promise on, and waits for it in {@link settled}. */
  track<T>(call: T): T {
    if (typeof (call as { then?: unknown } | null)?.then !== 'function') return call
    const done = Promise.resolve(call).then(
      () => {},
      () => {},
    )
    this.#pending.add(done)
    void done.then(() => this.#pending.delete(done))
    return call
  }

  /**
   * Waits until one of the calls under way has settled. Those that do not, for a while, are not waited for again: a test
   * may want to see what the job makes of them.
   * @returns whether there was any.
   */
  async settled(): Promise<boolean> {
    if (this.#pending.size === 0) return false
    let timer: ReturnType<typeof startTimer> | undefined
    const patience = new Promise<void>((resolve) => {
      timer = startTimer(() => {
        this.#pending.clear()
        resolve()
      }, patienceMs)
    })
    await Promise.race([...this.#pending, patience])
    stopTimer(timer)
    return true
  }
}
