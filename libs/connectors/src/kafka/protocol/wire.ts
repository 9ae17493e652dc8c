/** Numbers of the protocol are big-endian; "compact" lengths are one more than the length, so that 0 is null. */

/** A response that is shorter than what it says is in it: the reader never goes beyond the bytes. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

/** @throws WireError for a number that is not told from its neighbours any more */
export function safe(value: number): number {
  if (Number.isSafeInteger(value)) return value
  throw new WireError('a number is beyond 2^53')
}

export class WireReader {
  readonly bytes: Buffer
  position: number
  readonly end: number

  constructor(bytes: Buffer, position = 0, end = bytes.length) {
    this.bytes = bytes
    this.position = position
    this.end = end
  }

  get remaining(): number {
    return this.end - this.position
  }

  /** Moves over `length` bytes and tells where they begin. */
  skip(length: number): number {
    const start = this.position
    if (length < 0 || length > this.end - start) throw new WireError(`${length} bytes wanted, ${this.end - start} left`)
    this.position = start + length
    return start
  }

  int8(): number {
    return this.bytes.readInt8(this.skip(1))
  }
  int16(): number {
    return this.bytes.readInt16BE(this.skip(2))
  }
  int32(): number {
    return this.bytes.readInt32BE(this.skip(4))
  }
  uint16(): number {
    return this.bytes.readUInt16BE(this.skip(2))
  }
  uint32(): number {
    return this.bytes.readUInt32BE(this.skip(4))
  }

  /** As a number: offsets and times stay far below 2^53. */
  int64(): number {
    const start = this.skip(8)
    return safe(this.bytes.readInt32BE(start) * 0x1_0000_0000 + this.bytes.readUInt32BE(start + 4))
  }

  /** A 64-bit number that is only compared, such as a producer's. */
  identity64(): string {
    return this.bytes.readBigInt64BE(this.skip(8)).toString()
  }

  boolean(): boolean {
    return this.int8() !== 0
  }

  uuid(): string {
    const start = this.skip(16)
    return this.bytes.toString('hex', start, start + 16)
  }

  unsignedVarint(): number {
    let value = 0
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.bytes[this.skip(1)]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return safe(value)
    }
    throw new WireError('a variable-length number does not end')
  }

  /** Zigzag: small numbers of either sign are short. */
  varint(): number {
    const value = this.unsignedVarint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  /** A view, not a copy. */
  slice(length: number): Buffer {
    const start = this.skip(length)
    return this.bytes.subarray(start, start + length)
  }

  text(length: number): string {
    const start = this.skip(length)
    return this.bytes.toString('utf8', start, start + length)
  }

  nullableString(): string | null {
    const length = this.int16()
    return length === -1 ? null : this.text(length)
  }
  string(): string {
    return this.nullableString() ?? ''
  }
  compactNullableString(): string | null {
    const length = this.unsignedVarint()
    return length === 0 ? null : this.text(length - 1)
  }
  compactString(): string {
    return this.compactNullableString() ?? ''
  }
  /** A view, not a copy, as are the others. */
  nullableByteString(): Buffer | null {
    const length = this.int32()
    return length === -1 ? null : this.slice(length)
  }
  byteString(): Buffer {
    return this.nullableByteString() ?? nothing
  }
  compactNullableByteString(): Buffer | null {
    const length = this.unsignedVarint()
    return length === 0 ? null : this.slice(length - 1)
  }
  compactByteString(): Buffer {
    return this.compactNullableByteString() ?? nothing
  }

  nullableArray<T>(element: () => T): T[] | null {
    return this.#elements(this.int32(), element)
  }
  array<T>(element: () => T): T[] {
    return this.#elements(this.int32(), element) ?? []
  }
  compactNullableArray<T>(element: () => T): T[] | null {
    return this.#elements(this.unsignedVarint() - 1, element)
  }
  compactArray<T>(element: () => T): T[] {
    return this.#elements(this.unsignedVarint() - 1, element) ?? []
  }

  #elements<T>(length: number, element: () => T): T[] | null {
    if (length === -1) return null
    // Each takes a byte at least.
    if (length < 0 || length > this.remaining) throw new WireError(`${length} elements in ${this.remaining} bytes`)
    const elements: T[] = []
    for (let at = 0; at < length; at++) elements.push(element())
    return elements
  }

  /** The tagged fields that end every structure of a flexible version. `read` reads those that it knows. */
  tags(read?: (tag: number) => void): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      const tag = this.unsignedVarint()
      const length = this.unsignedVarint()
      const end = this.skip(length) + length
      if (!read) continue
      this.position = end - length
      read(tag)
      if (this.position > end) throw new WireError(`tagged field ${tag} is longer than it says`)
      this.position = end
    }
  }
}

const nothing = Buffer.alloc(0)

/** A field that is only sent where it says something: its tag, and what writes it. */
export type TaggedField = readonly [tag: number, write: (writer: WireWriter) => void]

/** Bytes from which on they are kept as they are, instead of being copied. */
const viewBytesMin = 4096

export class WireWriter {
  #buffer: Buffer
  #length = 0
  /** What was written before {@link #partStart}: stretches of the buffer, and byte strings that were not copied. */
  readonly #parts: Uint8Array[] = []
  #partStart = 0
  #viewedLength = 0

  constructor(capacity = 256) {
    this.#buffer = Buffer.allocUnsafe(capacity)
  }

  get length(): number {
    return this.#length + this.#viewedLength
  }

  /** What was written: a view, to be used before more is; a copy where there are long byte strings. */
  get bytes(): Buffer {
    return this.#parts.length === 0 ? this.#buffer.subarray(0, this.#length) : Buffer.concat(this.parts)
  }

  /** What was written, in pieces: long byte strings are those that were given, so they must not change until they are sent. */
  get parts(): readonly Uint8Array[] {
    return [...this.#parts, this.#buffer.subarray(this.#partStart, this.#length)]
  }

  #advance(length: number): number {
    const start = this.#length
    if (start + length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, start + length))
      this.#buffer.copy(larger, 0, 0, start)
      this.#buffer = larger
    }
    this.#length = start + length
    return start
  }

  int8(value: number): this {
    const at = this.#advance(1)
    this.#buffer.writeInt8(value, at)
    return this
  }
  uint16(value: number): this {
    const at = this.#advance(2)
    this.#buffer.writeUInt16BE(value, at)
    return this
  }
  int16(value: number): this {
    const at = this.#advance(2)
    this.#buffer.writeInt16BE(value, at)
    return this
  }
  int32(value: number): this {
    const at = this.#advance(4)
    this.#buffer.writeInt32BE(value, at)
    return this
  }
  uint32(value: number): this {
    const at = this.#advance(4)
    this.#buffer.writeUInt32BE(value, at)
    return this
  }
  int64(value: number): this {
    const at = this.#advance(8)
    this.#buffer.writeBigInt64BE(BigInt(value), at)
    return this
  }
  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }
  uuid(hex: string): this {
    return this.raw(Buffer.from(hex, 'hex'))
  }

  unsignedVarint(value: number): this {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.#byte((rest % 128) | 0x80)
    return this.#byte(rest)
  }
  varint(value: number): this {
    return this.unsignedVarint(value >= 0 ? value * 2 : -value * 2 - 1)
  }
  #byte(value: number): this {
    const at = this.#advance(1)
    this.#buffer[at] = value
    return this
  }

  raw(bytes: Uint8Array): this {
    const at = this.#advance(bytes.length)
    this.#buffer.set(bytes, at)
    return this
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1)
    const bytes = Buffer.from(value)
    return this.int16(bytes.length).raw(bytes)
  }
  compactString(value: string | null): this {
    if (value === null) return this.unsignedVarint(0)
    const bytes = Buffer.from(value)
    return this.unsignedVarint(bytes.length + 1).raw(bytes)
  }
  byteString(bytes: Uint8Array | null): this {
    return bytes === null ? this.int32(-1) : this.int32(bytes.length).#view(bytes)
  }
  compactByteString(bytes: Uint8Array | null): this {
    return bytes === null ? this.unsignedVarint(0) : this.unsignedVarint(bytes.length + 1).#view(bytes)
  }
  #view(bytes: Uint8Array): this {
    if (bytes.length < viewBytesMin) return this.raw(bytes)
    this.#parts.push(this.#buffer.subarray(this.#partStart, this.#length), bytes)
    this.#partStart = this.#length
    this.#viewedLength += bytes.length
    return this
  }
  /** As records do it: -1 for null. */
  varintBytes(bytes: Uint8Array | null): this {
    return bytes === null ? this.varint(-1) : this.varint(bytes.length).raw(bytes)
  }

  array<T>(elements: readonly T[] | null, write: (element: T) => void): this {
    this.int32(elements?.length ?? -1)
    for (const element of elements ?? []) write(element)
    return this
  }
  compactArray<T>(elements: readonly T[] | null, write: (element: T) => void): this {
    this.unsignedVarint((elements?.length ?? -1) + 1)
    for (const element of elements ?? []) write(element)
    return this
  }
  /** @param tags in ascending order */
  tags(tags: readonly TaggedField[]): this {
    this.unsignedVarint(tags.length)
    for (const [tag, write] of tags) {
      const field = new WireWriter()
      write(field)
      this.unsignedVarint(tag).unsignedVarint(field.length).raw(field.bytes)
    }
    return this
  }
  noTags(): this {
    return this.int8(0)
  }
}
