/** Bytes beyond which no further record is begun, so that a batch of long ones is written in parts. */
export const outputBytesMax = 1 << 20
/** Behind the end of the buffer: texts are copied by words, which may reach beyond them. */
const slack = 64
/** A copy by words costs less than a call of the host's own up to about this length. */
const wordsMax = 128
/** Longer texts are left to the host's encoder. */
const shortText = 48
/** The longest text of a number, `-1.2345678901234567e-300`, and some. */
export const numberMax = 32

/** Below it a number has at most nine digits before the point, and both parts are small integers. */
const decimalMax = 1e9

const encoder = new TextEncoder()

/** Sinks write bigint, which JSON has not, as its digits in text. */
const bigintAsText = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

/** As sinks do it: undefined for what JSON has no text for. */
export const jsonOf = (value: unknown): string | undefined => JSON.stringify(value, bigintAsText) as string | undefined

/** Of a field: as it is, and as bytes of JSON with a comma before it and a colon behind. */
export interface FieldName {
  readonly name: string
  readonly bytes: Uint8Array
}

export const fieldName = (name: string): FieldName => ({ name, bytes: encoder.encode(`,${JSON.stringify(name)}:`) })

/**
 * A growing buffer that texts of JSON are written to, again and again. Functions that write return where they have ended.
 * They may only write where `reserve` has made room; those that make room themselves leave as much behind as `need` says.
 */
export class JsonOutput {
  bytes: Uint8Array
  view: DataView
  /** The end of what may be written to. */
  limit: number

  constructor(bytesMin = 1 << 16) {
    this.bytes = new Uint8Array(bytesMin + slack)
    this.view = new DataView(this.bytes.buffer)
    this.limit = bytesMin
  }

  /** Makes room for so many bytes. */
  reserve(top: number, need: number): void {
    if (top + need <= this.limit) return
    const grown = new Uint8Array(Math.max(2 * this.limit, top + need) + slack)
    grown.set(this.bytes.subarray(0, top))
    this.bytes = grown
    this.view = new DataView(grown.buffer)
    this.limit = grown.length - slack
  }

  /** Any value; nothing at all where JSON leaves a field out. */
  field(top: number, name: FieldName, value: unknown, need: number): number {
    switch (typeof value) {
      case 'undefined':
      case 'function':
      case 'symbol':
        return top
      case 'string':
        return this.string(this.#name(top, name, need), value, need)
      case 'number':
        return this.number(this.#name(top, name, need + numberMax), value)
      case 'boolean':
        return this.text(this.#name(top, name, need), value ? 'true' : 'false', need)
      default:
        return this.#other(top, name, value, need)
    }
  }

  /** In the room that is reserved. */
  number(top: number, value: number): number {
    const { bytes } = this
    if ((value | 0) === value) {
      if (value >= 0) return this.#digits(top, value, digitsOf(value))
      bytes[top] = 45
      return this.#digits(top + 1, -value, digitsOf(-value))
    }
    const size = Math.abs(value)
    const millionths = Math.round(size * 1e6)
    if (size < decimalMax && millionths / 1e6 === size) return this.#decimal(top, value < 0, millionths)
    // Infinity and NaN have no text.
    const text = value - value === 0 ? String(value) : 'null'
    for (let index = 0; index < text.length; index++) bytes[top++] = text.charCodeAt(index)
    return top
  }

  /**
   * A number that a decimal of up to six places and 15 digits is read as. No other decimal of up to 15 digits is read as the
   * same number, so without its last zeros it is the shortest, which is what JavaScript writes. Costs a third of `String`,
   * which besides keeps the texts for a while.
   */
  #decimal(top: number, isNegative: boolean, millionths: number): number {
    if (isNegative) this.bytes[top++] = 45
    const whole = (millionths / 1e6) | 0
    let places = (millionths - whole * 1e6) | 0
    let count = 6
    for (let tens = (places / 10) | 0; tens * 10 === places; tens = (places / 10) | 0) {
      places = tens
      count--
    }
    const point = this.#digits(top, whole, digitsOf(whole))
    this.bytes[point] = 46
    return this.#digits(point + 1, places, count)
  }

  /** The last so many digits of a number. */
  #digits(top: number, value: number, count: number): number {
    const { bytes } = this
    const end = top + count
    let left = value
    for (let at = end - 1; at >= top; at--) {
      const tens = (left / 10) | 0
      bytes[at] = 48 + left - tens * 10
      left = tens
    }
    return end
  }

  /** With its quotes. */
  string(top: number, value: string, need: number): number {
    const { length } = value
    if (length > shortText) return this.text(top, JSON.stringify(value), need)
    this.reserve(top, length + 2 + need)
    const { bytes } = this
    bytes[top] = 34
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code < 32 || code > 126 || code === 34 || code === 92) return this.text(top, JSON.stringify(value), need)
      bytes[top + 1 + index] = code
    }
    bytes[top + 1 + length] = 34
    return top + length + 2
  }

  text(top: number, text: string, need: number): number {
    this.reserve(top, text.length * 3 + need)
    return top + encoder.encodeInto(text, this.bytes.subarray(top)).written
  }

  /**
   * A text, in UTF-8, of a buffer that has room behind it, in the room that is reserved. Eight bytes at once as numbers, of
   * which none is NaN, the one whose bytes may change: those of a NaN are nowhere in UTF-8. What is behind the text may be
   * anything, so its end goes by words of four.
   */
  copy(top: number, from: DataView, source: Uint8Array, start: number, end: number): number {
    const length = end - start
    if (length > wordsMax) this.bytes.set(source.subarray(start, end), top)
    else {
      const { view } = this
      let at = 0
      for (; at + 8 <= length; at += 8) view.setFloat64(top + at, from.getFloat64(start + at, true), true)
      for (; at < length; at += 4) view.setInt32(top + at, from.getInt32(start + at, true), true)
    }
    return top + length
  }

  #name(top: number, { bytes }: FieldName, need: number): number {
    this.reserve(top, bytes.length + need)
    this.bytes.set(bytes, top)
    return top + bytes.length
  }

  /** Objects may know their text themselves (toJSON), and are told the name of the field that they are in. */
  #other(top: number, { name }: FieldName, value: unknown, need: number): number {
    const text = jsonOf({ [name]: value })!
    return text === '{}' ? top : this.text(top, `,${text.slice(1, -1)}`, need)
  }
}

/** Of a whole number from 0 to 2^31. */
function digitsOf(value: number): number {
  if (value < 100_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1_000 ? 3 : value < 10_000 ? 4 : 5
  if (value < 100_000_000) return value < 1_000_000 ? 6 : value < 10_000_000 ? 7 : 8
  return value < 1_000_000_000 ? 9 : 10
}
