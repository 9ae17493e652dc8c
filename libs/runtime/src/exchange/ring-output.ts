import type { Demand, OutputChannel, RecordBatch, StreamElement } from '@lightflus/engine'
import { BatchEncoder, columnSpace } from './batch-codec.ts'
import type { Bell, Waiter } from './bell.ts'
import type { ChannelEnds } from './channel-ends.ts'
import { overflow, type ColumnSpace } from './columns/column.ts'
import { elementsInFlightMax, scratchBytesMax } from './exchange-limits.ts'
import { controlFrameBytes, frameKinds, writeControl } from './frames.ts'
import { RingWriter } from './ring.ts'
import { aligned, viewsOf, type Views } from './views.ts'

/** A scratch memory that is kept for the next long element, bytes. */
const scratchKeptMax = 1_048_576

/** An element that is longer than the ring has room for at once. */
interface Pieces {
  readonly views: Views
  readonly length: number
  sent: number
}

/**
 * The sending end of a ring. What finds no room waits here, as it is, and with it the sender: one element, unless the
 * sender does not keep to the promise that it was given.
 */
export class RingOutput implements OutputChannel, Waiter {
  readonly #ring: RingWriter
  readonly #ends: ChannelEnds
  readonly #bell: Bell
  readonly #signal: AbortSignal
  readonly #records: BatchEncoder
  readonly #partials: BatchEncoder
  readonly #space: ColumnSpace
  readonly #waiting: StreamElement[] = []
  #pieces: Pieces | undefined
  #scratch: Views | undefined
  /** What the next batch will take, as the last one did: no try where it cannot fit. More than half the ring: pieces. */
  #expected = controlFrameBytes
  #promise: PromiseWithResolvers<void> | undefined

  /** @param wanted of the records' values at the other end: what is not is not sent. */
  constructor(ends: ChannelEnds, wanted: Demand) {
    this.#ring = new RingWriter(ends.memory, ends.place)
    this.#ends = ends
    this.#bell = ends.bell
    this.#signal = ends.signal
    this.#records = new BatchEncoder(ends.columns, wanted)
    this.#partials = new BatchEncoder(ends.columns)
    this.#space = columnSpace(this.#ring.views)
    // What it would send then, nobody wants.
    ends.signal.addEventListener('abort', () => this.#letGo(), { once: true })
  }

  send(element: StreamElement): void | Promise<void> {
    if (this.#signal.aborted) return undefined
    if (this.#waiting.length > 0 || !this.#write(element)) this.#waiting.push(element)
    else if (this.#ring.inFlight < elementsInFlightMax) return undefined
    this.#promise ??= Promise.withResolvers<void>()
    this.#wait()
    return this.#promise.promise
  }

  isReady(): boolean {
    if (this.#ring.inFlight > elementsInFlightMax / 2) return false
    return this.#waiting.length === 0 || this.#ring.room() >= this.#needed(this.#waiting[0])
  }

  goOn(): void {
    this.#ring.setWaiting(false)
    try {
      while (this.#waiting.length > 0) {
        if (this.#ring.inFlight >= elementsInFlightMax || !this.#write(this.#waiting[0])) return this.#wait()
        this.#waiting.shift()
      }
    } catch (thrown) {
      this.#waiting.length = 0
      this.#promise?.reject(thrown)
      this.#promise = undefined
      return
    }
    this.#letGo()
  }

  #wait(): void {
    this.#ring.setWaiting(true)
    this.#bell.wait(this)
  }

  #letGo(): void {
    this.#bell.callOff(this)
    this.#waiting.length = 0
    this.#promise?.resolve()
    this.#promise = undefined
  }

  #needed(element: StreamElement): number {
    if (element.kind !== 'batch') return controlFrameBytes
    return this.#pieces || this.#expected > this.#half ? this.#pieceBytes : this.#expected
  }

  get #half(): number {
    return this.#ring.capacity / 2
  }

  get #pieceBytes(): number {
    return this.#ring.capacity / 4
  }

  /** False: not all of it found room. To be called again with the same element then. */
  #write(element: StreamElement): boolean {
    if (element.kind === 'batch') return this.#writeBatch(element.batch)
    if (!this.#ring.begin(controlFrameBytes)) return false
    this.#publish(frameKinds[element.kind], writeControl(element, this.#ring.views, this.#ring.start), true)
    return true
  }

  #writeBatch(batch: RecordBatch): boolean {
    if (this.#pieces) return this.#writePieces(this.#pieces)
    const ring = this.#ring
    const encoder = this.#encoderOf(batch)
    while (this.#expected <= this.#half) {
      if (!ring.begin(this.#expected)) return false
      const end = encoder.encode(batch, this.#space, ring.start, ring.end)
      if (end !== overflow) {
        this.#expect(end - ring.start)
        this.#postForeign()
        this.#publish(frameKinds.batch, end, true)
        encoder.published()
        return true
      }
      const tried = ring.end - ring.start
      this.#expected =
        tried >= this.#half - controlFrameBytes ? Infinity : aligned(Math.min(this.#half, 2 * tried + 64))
    }
    this.#pieces = this.#encodeApart(batch)
    return this.#writePieces(this.#pieces)
  }

  #encoderOf({ counts }: RecordBatch): BatchEncoder {
    return counts ? this.#partials : this.#records
  }

  /** A fourth more than the last one took. */
  #expect(bytes: number): void {
    const expected = aligned(bytes + (bytes >> 2) + controlFrameBytes)
    this.#expected = bytes > this.#half - controlFrameBytes ? Infinity : Math.min(expected, this.#half)
  }

  #postForeign(): void {
    const { foreign } = this.#space
    if (foreign.length > 0) this.#ends.port.post(this.#ends.edge, foreign)
    foreign.length = 0
  }

  /** Into a memory of its own, which is made as long as the element. */
  #encodeApart(batch: RecordBatch): Pieces {
    const encoder = this.#encoderOf(batch)
    const space = columnSpace(this.#scratch ?? viewsOf(new ArrayBuffer(2 * this.#ring.capacity)))
    let end = encoder.encode(batch, space, 0, space.views.bytes.length)
    while (end === overflow && space.views.bytes.length < scratchBytesMax) {
      space.views = viewsOf(new ArrayBuffer(2 * space.views.bytes.length))
      end = encoder.encode(batch, space, 0, space.views.bytes.length)
    }
    if (end === overflow) end = encoder.encodeForeign(batch, space, 0, space.views.bytes.length)
    this.#scratch = space.views.bytes.length <= scratchKeptMax ? space.views : undefined
    this.#expect(end)
    this.#space.foreign.push(...space.foreign)
    this.#postForeign()
    encoder.published()
    return { views: space.views, length: end, sent: 0 }
  }

  #writePieces(pieces: Pieces): boolean {
    const ring = this.#ring
    while (pieces.sent < pieces.length) {
      const bytes = Math.min(pieces.length - pieces.sent, this.#pieceBytes - controlFrameBytes)
      if (!ring.begin(this.#pieceBytes)) return false
      ring.views.bytes.set(pieces.views.bytes.subarray(pieces.sent, pieces.sent + bytes), ring.start)
      pieces.sent += bytes
      const isLast = pieces.sent === pieces.length
      this.#publish(isLast ? frameKinds.lastPiece : frameKinds.piece, ring.start + bytes, isLast)
    }
    this.#pieces = undefined
    return true
  }

  #publish(kind: number, end: number, isElement: boolean): void {
    this.#ring.publish(kind, end, isElement)
    if (this.#ring.receiverWaits) this.#bell.ring(this.#ends.peer)
  }
}
