/** Room behind what lies in a lent buffer, bytes: who reads 16 bytes at a time reads a little beyond the end. */
export const slackBytes = 64

const smallestBytes = 64 * 1024
const stepBytes = 256 * 1024
/** A buffer is used for what fills at least this part of it. */
const fillMin = 1 / 4
/** How much memory is kept for the next answers at most, together with what is lent, bytes. */
const keptBytesMax = 5 * 1024 * 1024

/**
 * A buffer that was lent, for as long as anybody holds it. It begins with one holder; whoever hands it on to another that
 * uses it longer says so by {@link retain}.
 */
export class LentBuffer {
  /** All of it, what is not used included. */
  readonly bytes: Buffer
  readonly #onFree: (bytes: Buffer) => void
  #holders = 1

  constructor(bytes: Buffer, onFree: (bytes: Buffer) => void) {
    this.bytes = bytes
    this.#onFree = onFree
  }

  retain(): this {
    this.#assertHeld()
    this.#holders++
    return this
  }

  /** To be called once by each holder; after the last the bytes are somebody else's. */
  release(): void {
    this.#assertHeld()
    if (--this.#holders === 0) this.#onFree(this.bytes)
  }

  #assertHeld(): void {
    if (this.#holders === 0) throw new Error('A buffer is held or given back that was given back before')
  }
}

/**
 * Buffers for fetched answers, used again: reading into fresh memory takes 3–5 times as long, since the kernel has to
 * give it first. It bounds only what it keeps; who fetches looks at {@link lentBytes} before.
 */
export class AnswerBuffers {
  /** Smallest first. */
  readonly #idle: Buffer[] = []
  #idleBytes = 0
  #lentBytes = 0

  /** Memory of all buffers that are lent, whether they are filled or not. */
  get lentBytes(): number {
    return this.#lentBytes
  }

  /** Memory of all there are. */
  get totalBytes(): number {
    return this.#lentBytes + this.#idleBytes
  }

  /** A buffer of at least so many bytes, {@link slackBytes} not counted. */
  lend(length: number): LentBuffer {
    const needed = length + slackBytes
    const at = this.#idle.findIndex((bytes) => bytes.length >= needed)
    const fitting = this.#idle[at]
    const isFitting = fitting !== undefined && needed >= fitting.length * fillMin
    if (isFitting) this.#forget(at)
    const bytes = isFitting ? fitting : Buffer.allocUnsafeSlow(sizeFor(needed))
    this.#lentBytes += bytes.length
    this.#shrink()
    return new LentBuffer(bytes, (freed) => this.take(freed))
  }

  /** Gets back what was lent. */
  protected take(bytes: Buffer): void {
    this.#lentBytes -= bytes.length
    const at = this.#idle.findIndex((other) => other.length >= bytes.length)
    this.#idle.splice(at === -1 ? this.#idle.length : at, 0, bytes)
    this.#idleBytes += bytes.length
    this.#shrink()
  }

  #shrink(): void {
    while (this.#idle.length > 0 && this.totalBytes > keptBytesMax) this.#forget(this.#idle.length - 1)
  }

  #forget(at: number): void {
    const [bytes] = this.#idle.splice(at, 1)
    this.#idleBytes -= bytes!.length
  }
}

/** In steps, so that answers of about the same size share buffers. */
function sizeFor(needed: number): number {
  return needed <= smallestBytes ? smallestBytes : Math.ceil(needed / stepBytes) * stepBytes
}
