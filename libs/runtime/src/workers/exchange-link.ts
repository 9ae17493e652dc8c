import { toLightflusError, type LightflusError } from '@lightflus/api'
import type { Following, TopicLog } from '@lightflus/connectors'
import { RingBridge, type RingBridgeOptions } from './ring-bridge.ts'
import { SessionLink, type WorkerProcess } from './session-link.ts'

/**
 * Joins the rings of this worker's slots to those of all others, over the exchange topic. Reading begins at the end that the
 * partition had before any worker of the session could write; who writes earlier than this worker reads is not lost.
 */
export class ExchangeLink {
  readonly #bridge: RingBridge
  readonly #following: Following

  constructor(options: {
    readonly log: TopicLog
    /** Where this worker's partition ended before the session's slots were started. */
    readonly from: number
    readonly session: Uint8Array
    readonly own: WorkerProcess
    readonly members: ReadonlyMap<number, number>
    readonly bridge: Omit<RingBridgeOptions, 'send'>
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
    this.#bridge = new RingBridge({
      ...options.bridge,
      send: (worker, head, body) => link.send(worker, head, body),
    })
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
