/**
 * Lists of texts in one buffer, a few bytes beside the texts themselves: how output waits for its checkpoint. Of each list
 * the number of its texts, then of each text its length and itself in UTF-8; numbers as in Protocol Buffers (base 128, the
 * lowest first), lengths one higher so that 0 stands for null.
 */
const numberBytesMax = 5
const firstBytes = 4_096

export type TextList = readonly (string | null)[]

/** Gathers lists. */
export class TextListWriter {
  #buffer = Buffer.allocUnsafe(firstBytes)
  #length = 0
  #count = 0

  get bytes(): number {
    return this.#length
  }

  get count(): number {
    return this.#count
  }

  /** @returns the bytes that it takes */
  add(texts: TextList): number {
    const before = this.#length
    this.#number(texts.length)
    for (const text of texts) {
      if (text === null) {
        this.#number(0)
        continue
      }
      const size = Buffer.byteLength(text)
      this.#number(size + 1)
      this.#reserve(size)
      this.#length += this.#buffer.write(text, this.#length, size, 'utf8')
    }
    this.#count++
    return this.#length - before
  }

  #number(value: number): void {
    this.#reserve(numberBytesMax)
    for (; value > 127; value >>>= 7) this.#buffer[this.#length++] = (value & 127) | 128
    this.#buffer[this.#length++] = value
  }

  #reserve(bytes: number): void {
    const wanted = this.#length + bytes
    if (wanted <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(wanted, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }

  /** What has been gathered, and begins anew. */
  take(): Uint8Array {
    // A copy with memory of its own: a checkpoint would copy all that lies behind a view.
    const taken = new Uint8Array(this.#length)
    taken.set(this.#buffer.subarray(0, this.#length))
    this.#length = 0
    this.#count = 0
    if (this.#buffer.length > firstBytes) this.#buffer = Buffer.allocUnsafe(firstBytes)
    return taken
  }
}

/** The lists in their order. @throws Error where the bytes are not what a writer made */
export function* textListsIn(bytes: Uint8Array): Generator<(string | null)[]> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const number = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      if (at >= buffer.length || shift > 28) throw damaged()
      const byte = buffer[at++]!
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
  }
  while (at < buffer.length) {
    const count = number()
    // Each text takes a byte at least: what claims more is not believed, nor memory taken for it.
    if (count > buffer.length - at) throw damaged()
    const texts = new Array<string | null>(count)
    for (let index = 0; index < count; index++) {
      const size = number() - 1
      if (size > buffer.length - at) throw damaged()
      texts[index] = size < 0 ? null : buffer.toString('utf8', at, at + size)
      if (size > 0) at += size
    }
    yield texts
  }
}

const damaged = () => new Error('Staged output is damaged')
