import type { LightflusError } from '@lightflus/api'
import { lostError, type Peer } from './connection-errors.ts'

/** How long readers and writers try on while a server is away, milliseconds: longer than a restart or an election. */
export const patienceMs = 30_000
/** Pause between two tries, milliseconds. */
export const retryPauseMs = 250

/** Counts for how long something has not worked. */
export class Patience {
  readonly #peer: Peer
  readonly #mayPass: (thrown: unknown) => boolean
  readonly #translate: (thrown: unknown) => LightflusError
  #since: number | undefined

  /**
   * @param mayPass whether what was thrown may pass by itself
   * @param translate what was thrown, in our terms
   */
  constructor(peer: Peer, mayPass: (thrown: unknown) => boolean, translate: (thrown: unknown) => LightflusError) {
    this.#peer = peer
    this.#mayPass = mayPass
    this.#translate = translate
  }

  worked(): void {
    this.#since = undefined
  }

  /** @throws LF_CONNECTION_LOST when it has not worked for {@link patienceMs}; what was thrown when it will not pass */
  failed(thrown: unknown): void {
    if (!this.#mayPass(thrown)) throw this.#translate(thrown)
    this.#since ??= performance.now()
    const forMs = performance.now() - this.#since
    if (forMs >= patienceMs) throw lostError(this.#peer, forMs, thrown)
  }
}
