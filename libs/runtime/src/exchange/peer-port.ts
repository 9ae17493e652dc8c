import type { MessagePort } from 'node:worker_threads'
import type { InputChannel, OutputChannel } from '@lightflus/engine'
import { Credit } from './credit.ts'
import { decodeElement, encodeElement, unsendable, type WireElement } from './element-codec.ts'
import { ElementQueue } from './element-queue.ts'
import { elementsPerCredit } from './exchange-limits.ts'

/** What slots say to each other. Edges go by their position in the plan, which all slots make alike. */
type PeerMessage =
  | { readonly edge: number; readonly element: WireElement }
  /** So many more elements of the edge were taken. */
  | { readonly edge: number; readonly taken: number }

/**
 * One end of the message port between two slots: carries, for each edge of the plan, the channel in either direction.
 * A sender has credit for a bounded number of elements, and the receiver gives it back as its subtask takes them; so
 * what waits in the port is bounded as well.
 */
export class PeerPort {
  readonly #port: MessagePort
  readonly #signal: AbortSignal
  readonly #credits = new Map<number, Credit>()
  readonly #queues = new Map<number, ElementQueue>()

  constructor(port: MessagePort, signal: AbortSignal) {
    this.#port = port
    this.#signal = signal
    port.on('message', (message: PeerMessage) => {
      if ('taken' in message) this.#credits.get(message.edge)!.earn(message.taken)
      else this.#queues.get(message.edge)!.push(decodeElement(message.element))
    })
    // The slot lives as long as its coordinator wants, not as long as its ports are open.
    port.unref()
  }

  /** The sending end of an edge's channel to the peer. To be made before either slot runs. */
  output(edge: { readonly number: number; readonly id: string }): OutputChannel {
    const credit = new Credit(this.#signal)
    this.#credits.set(edge.number, credit)
    return {
      send: (element) => {
        if (this.#signal.aborted) return undefined
        const { wire, moved } = encodeElement(element)
        const message: PeerMessage = { edge: edge.number, element: wire }
        try {
          this.#port.postMessage(message, moved)
        } catch (thrown) {
          throw unsendable(edge.id, thrown)
        }
        return credit.spend()
      },
    }
  }

  /** The receiving end of an edge's channel from the peer. To be made before either slot runs. */
  input(edge: { readonly number: number }): InputChannel {
    let taken = 0
    const queue = new ElementQueue(() => {
      taken += 1
      if (taken < elementsPerCredit && queue.size > 0) return
      const message: PeerMessage = { edge: edge.number, taken }
      this.#port.postMessage(message)
      taken = 0
    })
    this.#queues.set(edge.number, queue)
    return queue
  }
}
