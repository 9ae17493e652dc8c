import type { LightflusError } from '@lightflus/api'
import type { Peer } from './connection-errors.ts'
import { Patience, retryPauseMs } from './patience.ts'
import { pause } from './pause.ts'

export interface SessionOptions<Client> {
  readonly peer: Peer
  /** Aborted when nothing is wanted any more: what is under way then fails at once. */
  readonly signal: AbortSignal
  /** Connects and signs in. @throws anything that `translate` knows */
  readonly open: () => Promise<Client>
  readonly isOpen: (client: Client) => boolean
  /** Ends the connection without waiting. */
  readonly destroy: (client: Client) => void
  readonly mayPass: (thrown: unknown) => boolean
  readonly translate: (thrown: unknown) => LightflusError
}

/** One connection to a server, made again when it is lost. */
export class Session<Client> {
  readonly #options: SessionOptions<Client>
  #client: Client | undefined

  constructor(options: SessionOptions<Client>) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#drop(), { once: true })
  }

  /** Connects for the first time, without patience: whoever starts a job wants to know at once. */
  async open(): Promise<Client> {
    try {
      return await this.#connected()
    } catch (thrown) {
      throw this.#options.translate(thrown)
    }
  }

  /**
   * Does work on the connection, again and on a new one while what it throws may pass. What the work had done before it
   * threw is then done twice.
   * @throws LF_CONNECTION_LOST after half a minute without success; else what was thrown, translated
   */
  async run<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    const { peer, signal, mayPass, translate } = this.#options
    const patience = new Patience(peer, mayPass, translate)
    for (;;) {
      try {
        return await work(await this.#connected())
      } catch (thrown) {
        if (signal.aborted) throw translate(thrown)
        patience.failed(thrown)
        // On a new connection: this one may hang, or lead to a server that has handed its role to another.
        this.#drop()
        await pause(retryPauseMs, signal)
      }
    }
  }

  async #connected(): Promise<Client> {
    if (this.#client && this.#options.isOpen(this.#client)) return this.#client
    this.#drop()
    const client = await this.#options.open()
    this.#client = client
    if (this.#options.signal.aborted) this.#drop()
    return client
  }

  #drop(): void {
    if (this.#client) this.#options.destroy(this.#client)
    this.#client = undefined
  }
}
