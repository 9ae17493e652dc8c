import { LightflusError } from '@lightflus/api'
import { elementsInFlightMax } from './exchange-limits.ts'
import { aligned, viewsOf, type Views } from './views.ts'

/**
 * A ring of bytes in shared memory with one writer and one reader, in two threads. What is written are frames; each
 * lies in one piece, so that it can be made and read in place. Clauses:
 *
 * 1. A frame is seen whole or not at all: the position behind it is stored last. So a writer that dies leaves no half. (by
 *    the order of atomic stores)
 * 2. The reader's memory is its own until it gives it back: the writer looks at the reader's position. (ditto)
 * 3. Frames are within what was written. (asserted by the reader)
 *
 * Frame: its length in bytes with these eight, then its kind, each an int32; a multiple of eight. Behind the last frame
 * before the end of the memory a frame of kind `skipKind` fills what is left over.
 */
const skipKind = 0
const headBytes = 8

/** Cells of a ring's control block, int32 each; what either end writes lies on a cache line of its own. */
const written = 0
const elementsWritten = 1
const senderWaits = 2
const read = 16
const elementsTaken = 17
const receiverWaits = 18
export const controlBytes = 128

/** Where a ring lies; `bytes`, a power of two, come after the control block. */
export interface RingPlace {
  readonly offset: number
  readonly bytes: number
}

function controlOf(memory: SharedArrayBuffer, { offset }: RingPlace): Int32Array {
  return new Int32Array(memory, offset, controlBytes / Int32Array.BYTES_PER_ELEMENT)
}

function dataOf(memory: SharedArrayBuffer, { offset, bytes }: RingPlace): Views {
  return viewsOf(memory, offset + controlBytes, bytes)
}

export class RingWriter {
  readonly views: Views
  readonly capacity: number
  /** Where the payload of the frame that was begun starts, and the end of what it may take. */
  start = 0
  end = 0
  readonly #control: Int32Array
  /** All bytes ever written, modulo 2^32, as the positions in shared memory. */
  #written = 0
  #elements = 0

  constructor(memory: SharedArrayBuffer, place: RingPlace) {
    this.views = dataOf(memory, place)
    this.capacity = place.bytes
    this.#control = controlOf(memory, place)
  }

  /** Elements that the reader has not taken. */
  get inFlight(): number {
    return (this.#elements - Atomics.load(this.#control, elementsTaken)) | 0
  }

  /** The longest frame that could be written now. An empty ring has room for half its capacity at least. */
  room(): number {
    const { free, tail } = this.#space()
    return free <= tail ? free : Math.max(tail, free - tail)
  }

  /** Finds a place for a frame of so many bytes or more; false: there is none now. */
  begin(bytes: number): boolean {
    const { at, free, tail } = this.#space()
    const inTail = Math.min(free, tail)
    if (inTail >= bytes) {
      this.start = at + headBytes
      this.end = at + inTail
      return true
    }
    if (free - tail < bytes) return false
    this.start = headBytes
    this.end = free - tail
    return true
  }

  /** Shows the reader the frame that was begun. @param isElement it is one, or the last piece of one. */
  publish(kind: number, payloadEnd: number, isElement: boolean): void {
    const { i32 } = this.views
    const at = this.#written & (this.capacity - 1)
    const frameAt = this.start - headBytes
    const length = aligned(payloadEnd) - frameAt
    i32[frameAt >> 2] = length
    i32[(frameAt >> 2) + 1] = kind
    if (frameAt !== at) {
      i32[at >> 2] = this.capacity - at
      i32[(at >> 2) + 1] = skipKind
      this.#written = (this.#written + this.capacity - at) | 0
    }
    this.#written = (this.#written + length) | 0
    if (isElement) this.#elements = (this.#elements + 1) | 0
    Atomics.store(this.#control, elementsWritten, this.#elements)
    Atomics.store(this.#control, written, this.#written)
  }

  setWaiting(waits: boolean): void {
    Atomics.store(this.#control, senderWaits, waits ? 1 : 0)
  }

  get receiverWaits(): boolean {
    return Atomics.load(this.#control, receiverWaits) === 1
  }

  #space(): { readonly at: number; readonly free: number; readonly tail: number } {
    const used = (this.#written - Atomics.load(this.#control, read)) | 0
    const at = this.#written & (this.capacity - 1)
    return { at, free: this.capacity - used, tail: this.capacity - at }
  }
}

export class RingReader {
  readonly views: Views
  /** Of the frame that `next` has found. */
  kind = 0
  start = 0
  end = 0
  readonly #capacity: number
  readonly #control: Int32Array
  #written = 0
  #read = 0
  #elements = 0

  constructor(memory: SharedArrayBuffer, place: RingPlace) {
    this.views = dataOf(memory, place)
    this.#capacity = place.bytes
    this.#control = controlOf(memory, place)
  }

  get isEmpty(): boolean {
    return this.#read === this.#written && this.#read === (this.#written = Atomics.load(this.#control, written))
  }

  /** Finds the next frame, which stays where it is until `release`. @throws LF_EXCHANGE_PROTOCOL */
  next(): boolean {
    for (;;) {
      if (this.isEmpty) return false
      const at = this.#read & (this.#capacity - 1)
      const length = this.views.i32[at >> 2]
      const there = (this.#written - this.#read) | 0
      if (length < headBytes || length > there || at + length > this.#capacity || (length & 7) !== 0)
        throw new LightflusError('LF_EXCHANGE_PROTOCOL', `A frame of ${length} bytes is in a ring that holds ${there}.`)
      this.kind = this.views.i32[(at >> 2) + 1]
      this.start = at + headBytes
      this.end = at + length
      if (this.kind !== skipKind) return true
      this.release(false)
    }
  }

  /** Gives the memory of the frame back. @param isElement it was one, or the last piece of one. */
  release(isElement: boolean): void {
    this.#read = (this.#read + this.end - this.start + headBytes) | 0
    if (isElement) this.#elements = (this.#elements + 1) | 0
    Atomics.store(this.#control, elementsTaken, this.#elements)
    Atomics.store(this.#control, read, this.#read)
  }

  setWaiting(waits: boolean): void {
    Atomics.store(this.#control, receiverWaits, waits ? 1 : 0)
  }

  /** Whether a sender waits for room and half of it is there: less is not worth waking it for. */
  get senderWaits(): boolean {
    if (Atomics.load(this.#control, senderWaits) === 0) return false
    const bytes = (Atomics.load(this.#control, written) - this.#read) | 0
    const elements = (Atomics.load(this.#control, elementsWritten) - this.#elements) | 0
    return bytes <= this.#capacity / 2 && elements <= elementsInFlightMax / 2
  }
}
