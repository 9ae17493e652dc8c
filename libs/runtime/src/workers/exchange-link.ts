import { toLightflusError, type LightflusError } from '@lightflus/api'
import type { Following } from '@lightflus/connectors'
import type { RingBridgeOptions } from './ring-bridge.ts'
import { SessionLink, type WorkerProcess } from './session-link.ts'
import type { WorkerTopic } from './worker-topics.ts'

/** What stands, at a worker, for the slots of all others. */
export interface ExchangeBridge {
  /** Takes over what the bridge of another worker sent. @throws LF_EXCHANGE_PROTOCOL */
  receive(message: Buffer): void
  close(): void
}

/** @param send to the bridge of another worker */
export type CreateBridge = (send: RingBridgeOptions['send']) => ExchangeBridge

/**
 * Joins the rings of this worker's slots to those of all others, over the exchange topic. Reading begins at the end that the
 * partition had before any worker of the session could write; who writes earlier than this worker reads is not lost.
 */
export class ExchangeLink {
  readonly #bridge: ExchangeBridge
  readonly #following: Following

  constructor(options: {
    readonly log: WorkerTopic
    /** Where this worker's partition ended before the session's slots were started. */
    readonly from: number
    readonly session: Uint8Array
    readonly own: WorkerProcess
    readonly members: ReadonlyMap<number, number>
    readonly createBridge: CreateBridge
    readonly onFailure: (error: LightflusError) => void
  }) {
    const { log, from, session, own, members, onFailure } = options
    const link = new SessionLink({
      session,
      own,
      log,
      memberOf: (worker) => members.get(worker),
      onMessage: (_, message) => this.#bridge.receive(message),
    })
    this.#bridge = options.createBridge((worker, head, body) => link.send(worker, head, body))
    this.#following = log.follow(own.worker, from, (record) => {
      try {
        link.receive(record)
      } catch (thrown) {
        onFailure(
          toLightflusError(thrown, 'LF_EXCHANGE_PROTOCOL', `The exchange between workers failed: ${String(thrown)}`),
        )
        this.close()
      }
    })
  }

  close(): void {
    this.#following.close()
    this.#bridge.close()
  }
}
