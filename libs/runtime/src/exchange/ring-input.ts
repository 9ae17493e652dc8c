import type { InputChannel, StreamElement } from '@lightflus/engine'
import { BatchDecoder, columnSpace, holdsPartials } from './batch-codec.ts'
import type { Bell, Waiter } from './bell.ts'
import type { ChannelEnds } from './channel-ends.ts'
import type { ColumnSpace } from './columns/column.ts'
import { frameKinds, readControl } from './frames.ts'
import { RingReader } from './ring.ts'
import { viewsOf } from './views.ts'

/** The receiving end of a ring: elements are made from its memory when they are taken, and not before. */
export class RingInput implements InputChannel, Waiter {
  readonly #ring: RingReader
  readonly #ends: ChannelEnds
  readonly #bell: Bell
  readonly #records: BatchDecoder
  readonly #partials: BatchDecoder
  readonly #space: ColumnSpace
  /** The pieces of a long element that have come, and how many bytes they are. */
  #pieces = Buffer.alloc(0)
  #piecesLength = 0
  #wake: () => void = () => {}

  constructor(ends: ChannelEnds) {
    this.#ring = new RingReader(ends.memory, ends.place)
    this.#ends = ends
    this.#bell = ends.bell
    this.#records = new BatchDecoder(ends.columns)
    this.#partials = new BatchDecoder(ends.columns)
    this.#space = columnSpace(this.#ring.views)
  }

  take(): StreamElement | undefined {
    const ring = this.#ring
    while (ring.next()) {
      const element = this.#read()
      ring.release(element !== undefined)
      if (ring.senderWaits) this.#bell.ring(this.#ends.peer)
      if (element) return element
    }
    this.#wait()
    return undefined
  }

  onArrival(wake: () => void): void {
    this.#wake = wake
    this.#wait()
  }

  isReady(): boolean {
    return !this.#ring.isEmpty
  }

  goOn(): void {
    this.#ring.setWaiting(false)
    this.#wake()
  }

  #wait(): void {
    this.#ring.setWaiting(true)
    this.#bell.wait(this)
  }

  /** Undefined: a piece, and more are to come. */
  #read(): StreamElement | undefined {
    const { kind, start, views } = this.#ring
    switch (kind) {
      case frameKinds.batch:
        return { kind: 'batch', batch: this.#decode(this.#space, start) }
      case frameKinds.piece:
        this.#addPiece()
        return undefined
      case frameKinds.lastPiece: {
        this.#addPiece()
        const { buffer } = this.#pieces
        this.#pieces = Buffer.alloc(0)
        this.#piecesLength = 0
        return { kind: 'batch', batch: this.#decode(columnSpace(viewsOf(buffer)), 0) }
      }
      default:
        return readControl(kind, views, start)
    }
  }

  #decode(space: ColumnSpace, start: number) {
    const decoder = holdsPartials(space, start) ? this.#partials : this.#records
    return decoder.decode(space, start, () => this.#ends.port.take(this.#ends.edge))
  }

  #addPiece(): void {
    const { start, end, views } = this.#ring
    const length = this.#piecesLength + end - start
    if (length > this.#pieces.length) {
      const longer = Buffer.from(new ArrayBuffer(2 ** Math.ceil(Math.log2(2 * length))))
      longer.set(this.#pieces.subarray(0, this.#piecesLength))
      this.#pieces = longer
    }
    this.#pieces.set(views.bytes.subarray(start, end), this.#piecesLength)
    this.#piecesLength = length
  }
}
