import type { Bell, Waiter } from '../exchange/bell.ts'
import { elementsInFlightMax } from '../exchange/exchange-limits.ts'
import { controlFrameBytes, frameKinds } from '../exchange/frames.ts'
import { RingWriter, type RingPlace } from '../exchange/ring.ts'
import { bridgeKinds, frameCost } from './exchange-frame.ts'

interface Pending {
  readonly kind: number
  readonly bytes: Uint8Array
  /** What is given back once it is in the ring. */
  readonly cost: number
}

/** Puts what came for a slot here into the ring that stands between it and the slot elsewhere that sent it. */
export class IncomingWay implements Waiter {
  readonly #ring: RingWriter
  readonly #bell: Bell
  readonly #to: number
  readonly #pending: Pending[] = []
  readonly #credit: (bytes: number) => void
  readonly #postForeign: (bytes: Uint8Array) => void
  #owed = 0

  constructor(options: {
    readonly memory: SharedArrayBuffer
    readonly place: RingPlace
    readonly bell: Bell
    readonly to: number
    readonly credit: (bytes: number) => void
    readonly postForeign: (bytes: Uint8Array) => void
  }) {
    this.#ring = new RingWriter(options.memory, options.place)
    this.#bell = options.bell
    this.#to = options.to
    this.#credit = options.credit
    this.#postForeign = options.postForeign
  }

  /** The bytes are the caller's again afterwards. */
  receive(kind: number, bytes: Uint8Array): void {
    const cost = frameCost(bytes.length)
    const frames = kind === frameKinds.batch && !this.#fits(bytes.length) ? this.#pieces(bytes) : [{ kind, bytes }]
    for (const [at, frame] of frames.entries()) {
      const pending = { ...frame, cost: at === frames.length - 1 ? cost : 0 }
      if (this.#pending.length > 0 || !this.#put(pending))
        this.#pending.push({ ...pending, bytes: Buffer.from(frame.bytes) })
    }
    this.#settle()
  }

  isReady(): boolean {
    const [next] = this.#pending
    return next !== undefined && this.#ring.inFlight <= elementsInFlightMax / 2 && this.#hasRoomFor(next)
  }

  goOn(): void {
    this.#ring.setWaiting(false)
    let put = 0
    while (put < this.#pending.length && this.#put(this.#pending[put])) put++
    this.#pending.splice(0, put)
    this.#settle()
  }

  /** Even an empty ring has room for half of it only: a sender whose ring stood elsewhere may have had more at once. */
  #fits(bytes: number): boolean {
    return bytes + controlFrameBytes <= this.#ring.capacity / 2
  }

  #pieces(bytes: Uint8Array): { readonly kind: number; readonly bytes: Uint8Array }[] {
    const pieceBytes = this.#ring.capacity / 4 - controlFrameBytes
    return Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) => {
      const end = (index + 1) * pieceBytes
      return {
        kind: end >= bytes.length ? frameKinds.lastPiece : frameKinds.piece,
        bytes: bytes.subarray(end - pieceBytes, end),
      }
    })
  }

  #settle(): void {
    if (this.#owed > 0 && (this.#pending.length === 0 || this.#owed > this.#ring.capacity / 4)) this.#giveBack()
    if (this.#pending.length === 0) return
    this.#ring.setWaiting(true)
    this.#bell.wait(this)
  }

  #giveBack(): void {
    this.#credit(this.#owed)
    this.#owed = 0
  }

  #hasRoomFor({ bytes }: Pending): boolean {
    return this.#ring.room() >= bytes.length + controlFrameBytes
  }

  #put(frame: Pending): boolean {
    const ring = this.#ring
    const { kind, bytes, cost } = frame
    if (kind === bridgeKinds.foreign) this.#postForeign(bytes)
    else {
      if (ring.inFlight >= elementsInFlightMax || !ring.begin(bytes.length + controlFrameBytes)) return false
      ring.views.bytes.set(bytes, ring.start)
      ring.publish(kind, ring.start + bytes.length, kind !== frameKinds.piece)
      if (ring.receiverWaits) this.#bell.ring(this.#to)
    }
    this.#owed += cost
    return true
  }
}
