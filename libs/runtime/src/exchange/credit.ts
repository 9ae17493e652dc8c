import { elementsInFlightMax } from './exchange-limits.ts'

/** How many more elements a sender may put on the way, and the promise it waits on when there are none. */
export class Credit {
  readonly #signal: AbortSignal
  #left = elementsInFlightMax
  #waiting: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined

  /** @param signal lets a waiting sender go when the attempt ends: what it would send then, nobody wants. */
  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#release(), { once: true })
  }

  /** Elements on the way, or in the receiver's queue. */
  get inFlight(): number {
    return elementsInFlightMax - this.#left
  }

  /** Spends one; the promise settles once there is another to spend. */
  spend(): void | Promise<void> {
    this.#left -= 1
    if (this.#left > 0 || this.#signal.aborted) return undefined
    this.#waiting ??= Promise.withResolvers<void>()
    return this.#waiting.promise
  }

  earn(elements: number): void {
    this.#left += elements
    if (this.#left > 0) this.#release()
  }

  #release(): void {
    this.#waiting?.resolve()
    this.#waiting = undefined
  }
}
