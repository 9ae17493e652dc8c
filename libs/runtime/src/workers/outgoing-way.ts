import type { Bell, Waiter } from '../exchange/bell.ts'
import { frameKinds } from '../exchange/frames.ts'
import { RingReader, type RingPlace } from '../exchange/ring.ts'
import { bridgeKinds, frameCost } from './exchange-frame.ts'

/**
 * Takes what a slot here has written for a slot elsewhere out of the ring between them, as bytes, and sends it on. What is on
 * its way is bounded by the ring's size, so a receiver that takes nothing fills the ring, which holds up the sender.
 */
export class OutgoingWay implements Waiter {
  readonly #ring: RingReader
  readonly #bell: Bell
  readonly #from: number
  readonly #bytesMax: number
  readonly #send: (kind: number, bytes: Uint8Array) => void
  readonly #drainPort: () => void
  #inFlight = 0
  #isTaking = false

  constructor(options: {
    readonly memory: SharedArrayBuffer
    readonly place: RingPlace
    readonly bell: Bell
    readonly from: number
    readonly send: (kind: number, bytes: Uint8Array) => void
    /** Sends all foreign values on that the port holds: those of a frame are there before it is seen. */
    readonly drainPort: () => void
  }) {
    this.#ring = new RingReader(options.memory, options.place)
    this.#bell = options.bell
    this.#from = options.from
    this.#bytesMax = options.place.bytes
    this.#send = options.send
    this.#drainPort = options.drainPort
  }

  isReady(): boolean {
    return this.#inFlight < this.#bytesMax && !this.#ring.isEmpty
  }

  goOn(): void {
    // What a frame brings about may come back here while that frame is still in the ring.
    if (this.#isTaking) return
    this.#isTaking = true
    const ring = this.#ring
    ring.setWaiting(false)
    while (this.#inFlight < this.#bytesMax && ring.next()) {
      this.#drainPort()
      this.#ship(ring.kind, ring.views.bytes.subarray(ring.start, ring.end))
      ring.release(ring.kind !== frameKinds.piece)
      if (ring.senderWaits) this.#bell.ring(this.#from)
    }
    ring.setWaiting(true)
    this.#bell.wait(this)
    this.#isTaking = false
  }

  sendForeign(bytes: Uint8Array): void {
    this.#ship(bridgeKinds.foreign, bytes)
  }

  /** The receiver has put so many bytes into its ring. */
  credit(bytes: number): void {
    this.#inFlight -= bytes
    if (this.isReady()) this.goOn()
  }

  #ship(kind: number, bytes: Uint8Array): void {
    this.#inFlight += frameCost(bytes.length)
    this.#send(kind, bytes)
  }
}
