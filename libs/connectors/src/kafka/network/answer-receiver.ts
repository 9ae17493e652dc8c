/** Bytes of the length that every answer begins with, and of the number of its request. */
const headBytes = 8
const lengthBytes = 4
const stagingBytes = 64 * 1024
/** Missing bytes of an answer from which on they are read to where they belong, instead of being copied there. */
const directBytesMin = 16 * 1024

/** Who awaits answers. None of it is called any more once `refuse` was. */
export interface AnswersAwaited {
  /** Largest answer that is believed now, bytes, the request's number included; 0: none is awaited. */
  readonly bytesMax: number
  /** Where the answer to a request is to be put, of so many bytes; undefined: not asked, or too long. */
  placeOf(number: number, length: number): Buffer | undefined
  /** The answer lies in the first `length` bytes of what {@link placeOf} gave. */
  answered(number: number, bytes: Buffer, length: number): void
  /** What has come is no answer: nothing that follows can be understood. */
  refuse(head: Buffer, trouble: 'length' | 'number'): void
}

interface Answer {
  readonly number: number
  readonly bytes: Buffer
  readonly length: number
}

/**
 * Cuts the bytes of a connection into answers, each of which is put to its place once: large ones are read there by the
 * kernel itself. Bytes come by {@link room} and {@link received}, or where a connection has buffers of its own by {@link take}.
 */
export class AnswerReceiver {
  readonly #awaited: AnswersAwaited
  readonly #staging = Buffer.allocUnsafeSlow(stagingBytes)
  readonly #head = Buffer.alloc(headBytes)
  #headFilled = 0
  /** Under way: its head has come. */
  #answer: Answer | undefined
  #filled = 0
  #hasRefused = false

  constructor(awaited: AnswersAwaited) {
    this.#awaited = awaited
  }

  /** Where the next bytes are to be read to. */
  room(): Buffer {
    const answer = this.#answer
    return answer && answer.length - this.#filled >= directBytesMin
      ? answer.bytes.subarray(this.#filled, answer.length)
      : this.#staging
  }

  /** So many bytes lie in what {@link room} gave last. */
  received(count: number, room: Uint8Array): void {
    if (room.buffer === this.#staging.buffer) return this.take(this.#staging.subarray(0, count))
    this.#filled += count
    this.#finishIfWhole()
  }

  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.#hasRefused;) {
      if (this.#answer) {
        const { bytes, length } = this.#answer
        const copied = chunk.copy(bytes, this.#filled, at, at + length - this.#filled)
        this.#filled += copied
        at += copied
      } else {
        const copied = chunk.copy(this.#head, this.#headFilled, at)
        this.#headFilled += copied
        at += copied
        this.#readHead()
      }
      this.#finishIfWhole()
    }
  }

  #readHead(): void {
    if (this.#headFilled < lengthBytes) return
    const length = this.#head.readInt32BE(0)
    if (length < lengthBytes || length > this.#awaited.bytesMax) return this.#refuse('length')
    if (this.#headFilled < headBytes) return
    const number = this.#head.readInt32BE(lengthBytes)
    const bytes = this.#awaited.placeOf(number, length - lengthBytes)
    if (!bytes) return this.#refuse('number')
    this.#answer = { number, bytes, length: length - lengthBytes }
    this.#filled = 0
  }

  #finishIfWhole(): void {
    const answer = this.#answer
    if (!answer || this.#filled < answer.length) return
    this.#answer = undefined
    this.#headFilled = 0
    this.#awaited.answered(answer.number, answer.bytes, answer.length)
  }

  #refuse(trouble: 'length' | 'number'): void {
    this.#hasRefused = true
    this.#awaited.refuse(this.#head, trouble)
  }

  /** Lets go of what it has begun to fill: nothing is written there any more. */
  stop(): void {
    this.#hasRefused = true
    this.#answer = undefined
  }
}
