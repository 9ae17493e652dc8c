import { deserialize, serialize } from 'node:v8'
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { LightflusError } from '@lightflus/api'

export type ForeignColumns = readonly (readonly unknown[])[]

/** What belongs to the next batch of an edge that has columns beside its frame: as bytes to and from another worker. */
export interface BridgedColumns {
  readonly edge: number
  readonly bytes: Uint8Array
}
type PeerColumns = { readonly edge: number; readonly columns: ForeignColumns } | BridgedColumns

/** Null: look at your rings. */
export type PeerMessage = null | PeerColumns

/**
 * One end of the message port between two slots. It carries what no ring can: a call to wake up, and values that only a
 * structured clone can copy. These are posted before the frame that they belong to is shown, so they are there with it.
 */
export class PeerPort {
  readonly #port: MessagePort
  readonly #isBridged: boolean
  readonly #onRung: () => void
  readonly #foreign = new Map<number, ForeignColumns[]>()

  /** @param isBridged the slot is another worker's */
  constructor(port: MessagePort, isBridged: boolean, onRung: () => void) {
    this.#port = port
    this.#isBridged = isBridged
    this.#onRung = onRung
    port.on('message', (message: PeerMessage) => {
      if (message === null) onRung()
      else this.#keep(message)
    })
    // The slot lives as long as its coordinator wants, not as long as its ports are open.
    port.unref()
  }

  ring(): void {
    this.#port.postMessage(null)
  }

  /** @throws LF_RECORD_UNSUPPORTED */
  post(edge: { readonly number: number; readonly id: string }, columns: ForeignColumns): void {
    try {
      const carried = this.#isBridged ? { bytes: serialize(columns) } : { columns }
      this.#port.postMessage({ edge: edge.number, ...carried } satisfies PeerMessage)
    } catch (thrown) {
      throw unsendable(edge.id, thrown)
    }
  }

  /** The columns of the edge's oldest batch whose columns were not taken. @throws LF_EXCHANGE_PROTOCOL */
  take(edge: { readonly number: number; readonly id: string }): ForeignColumns {
    for (;;) {
      const columns = this.#foreign.get(edge.number)?.shift()
      if (columns) return columns
      const received = receiveMessageOnPort(this.#port) as { readonly message: PeerMessage } | undefined
      if (received === undefined)
        throw new LightflusError('LF_EXCHANGE_PROTOCOL', `Columns of a batch on the way ${edge.id} are missing.`)
      if (received.message === null) this.#onRung()
      else this.#keep(received.message)
    }
  }

  #keep(message: PeerColumns): void {
    const { edge } = message
    const columns = 'bytes' in message ? (deserialize(message.bytes) as ForeignColumns) : message.columns
    const kept = this.#foreign.get(edge)
    if (kept) kept.push(columns)
    else this.#foreign.set(edge, [columns])
  }
}

function unsendable(edge: string, thrown: unknown): LightflusError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new LightflusError(
    'LF_RECORD_UNSUPPORTED',
    `A record on the way ${edge} cannot be copied to another slot: ${reason}`,
    { details: { edge }, cause: thrown },
  )
}
