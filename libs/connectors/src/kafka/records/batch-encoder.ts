import type { EncodedRecords } from '@lightflus/engine'
import { WireReader } from '../protocol/wire.ts'
import { codecOf, compress, expand, type WrittenCompression } from './compression.ts'
import { crc32c } from './crc32c.ts'
import type { NewRecord, RecordHeader } from './record-batch.ts'

/** Size of a batch's own fields, before its records. */
export const headerBytes = 61
/** Bytes of the two fields before the length, and of the length. */
const lengthEnd = 12
const attributesAt = 21
const codecBits = 0x07
const isTransactionalBit = 0x10
/** How much of a key a message shows, bytes. */
const shownKeyBytesMax = 100
/** What the fields of a record take at most, beyond key, value and headers. */
const fieldBytesMax = 40

/** Who wrote a batch, by which a broker knows a batch that it already has. */
export interface BatchStamp {
  readonly producerId: number
  readonly epoch: number
  /** Number of the batch's first record among the producer's in the partition. */
  readonly sequence: number
  readonly isTransactional: boolean
}

/** A producer that is not known by number: nothing guards against duplicates. */
export const noStamp: BatchStamp = { producerId: -1, epoch: -1, sequence: -1, isTransactional: false }

/** Where a batch's bytes lie: buffers are used again. */
export interface BatchMemory {
  /** A buffer of at least so many bytes. */
  take(bytes: number): Buffer
  give(buffer: Buffer): void
}

const noHeaders: readonly RecordHeader[] = []

/**
 * One batch of the log (format 2), its records written straight to where they will be sent from: no object for a record,
 * and each value copied once. By Buffer's copy, which takes 0.03 µs of 340 bytes; a loop takes 0.25, `set` of a view
 * 0.044, WebAssembly 0.02 with the way into its memory, where all batches would have to lie
 * (docs/decisions/0064-producing-to-kafka.md).
 */
export class BatchEncoder {
  readonly #memory: BatchMemory
  #buffer: Buffer
  #end = headerBytes
  #count = 0
  #firstTimestamp = 0
  #maxTimestamp = 0

  constructor(memory: BatchMemory, capacity: number) {
    this.#memory = memory
    this.#buffer = memory.take(Math.max(capacity, headerBytes))
  }

  /** How many records it holds. */
  get count(): number {
    return this.#count
  }

  /** Its size, bytes: not compressed until it is sealed. */
  get length(): number {
    return this.#end
  }

  /** Its bytes: a view that holds until more is written to it or it is released. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#end)
  }

  /** @param timestamp whole milliseconds since the epoch, also before it */
  add({ key, value, headers, timestamp }: NewRecord): void {
    const valueLength = value === null ? -1 : value.length
    let at = this.#begin(timestamp, key, valueLength, headers)
    if (value !== null) at = copy(value, this.#buffer, at)
    this.#finish(at, headers, timestamp)
  }

  /** As {@link add}, of a value that is text. */
  addText(key: Uint8Array | null, text: string, headers: readonly RecordHeader[], timestamp: number): void {
    // Nearly all texts are ASCII, of which the length is known; any other is moved by what its length takes more.
    const guess = text.length
    this.#reserve(3 * guess + bytesOf(key, headers) + fieldBytesMax)
    const at = this.#begin(timestamp, key, guess, headers)
    const length = this.#buffer.write(text, at)
    if (length === guess) return this.#finish(at + length, headers, timestamp)
    const aside = at + fieldBytesMax
    this.#buffer.copyWithin(aside, at, at + length)
    const moved = this.#begin(timestamp, key, length, headers)
    this.#buffer.copyWithin(moved, aside, aside + length)
    this.#finish(moved + length, headers, timestamp)
  }

  /**
   * Adds texts without keys and headers until the batch has `bytesMax` bytes; at least one.
   * @param bytes of the records, as a Buffer over the same memory
   * @param timestampOf whole milliseconds since the epoch
   * @returns which is the first that was not added
   */
  addEncoded(
    { length, starts, ends }: EncodedRecords,
    bytes: Buffer,
    from: number,
    bytesMax: number,
    timestampOf: (index: number) => number,
  ): number {
    let index = from
    do {
      const start = starts[index]!
      const end = ends[index]!
      const timestamp = timestampOf(index)
      const at = this.#begin(timestamp, null, end - start, noHeaders)
      bytes.copy(this.#buffer, at, start, end)
      this.#finish(at + end - start, noHeaders, timestamp)
      index++
    } while (index < length && this.#end < bytesMax)
    return index
  }

  /** Writes all of a record that comes before its value, and tells where the value begins; it has room. */
  #begin(timestamp: number, key: Uint8Array | null, valueLength: number, headers: readonly RecordHeader[]): number {
    if (this.#count === 0) this.#firstTimestamp = timestamp
    const delta = timestamp - this.#firstTimestamp
    const keyLength = key === null ? -1 : key.length
    const length =
      2 +
      (delta === 0 ? 0 : varintBytes(delta) - 1) +
      varintBytes(this.#count) +
      varintBytes(keyLength) +
      Math.max(0, keyLength) +
      varintBytes(valueLength) +
      Math.max(0, valueLength) +
      (headers.length === 0 ? 1 : headersLength(headers))
    this.#reserve(length)
    const buffer = this.#buffer
    let at = writeVarint(buffer, this.#end, length)
    buffer[at++] = 0
    at = writeVarint(buffer, at, delta)
    at = writeVarint(buffer, at, this.#count)
    at = writeVarint(buffer, at, keyLength)
    if (key !== null) at = copy(key, buffer, at)
    return writeVarint(buffer, at, valueLength)
  }

  #finish(at: number, headers: readonly RecordHeader[], timestamp: number): void {
    const buffer = this.#buffer
    let end = writeVarint(buffer, at, headers.length)
    for (const { name, value } of headers) {
      const nameBytes = Buffer.from(name)
      end = copy(nameBytes, buffer, writeVarint(buffer, end, nameBytes.length))
      end = writeVarint(buffer, end, value === null ? -1 : value.length)
      if (value !== null) end = copy(value, buffer, end)
    }
    if (this.#count === 0 || timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
    this.#count++
    this.#end = end
  }

  /** Makes room for one record of `length` bytes. */
  #reserve(length: number): void {
    const wanted = this.#end + length + fieldBytesMax
    if (wanted <= this.#buffer.length) return
    const larger = this.#memory.take(Math.max(wanted, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#end)
    this.#memory.give(this.#buffer)
    this.#buffer = larger
  }

  /** Compresses the records, where that makes them smaller. Nothing is added any more, and {@link stamp} seals it. */
  compress(compression: WrittenCompression): void {
    let codec = codecOf('none')
    if (compression !== 'none') {
      const packed = compress(compression, this.#buffer.subarray(headerBytes, this.#end))
      if (packed.length < this.#end - headerBytes) {
        codec = codecOf(compression)
        this.#end = copy(packed, this.#buffer, headerBytes)
      }
    }
    this.#buffer.writeInt16BE(codec, attributesAt)
  }

  /** Writes the batch's own fields and its checksum: again whenever its producer changes, and only after {@link compress}. */
  stamp({ producerId, epoch, sequence, isTransactional }: BatchStamp): void {
    const buffer = this.#buffer
    const codec = buffer.readInt16BE(attributesAt) & codecBits
    writeInt64(buffer, 0, 0)
    buffer.writeInt32BE(this.#end - lengthEnd, 8)
    buffer.writeInt32BE(-1, lengthEnd)
    buffer.writeInt8(2, 16)
    buffer.writeInt16BE(codec | (isTransactional ? isTransactionalBit : 0), attributesAt)
    buffer.writeInt32BE(this.#count - 1, 23)
    writeInt64(buffer, 27, this.#firstTimestamp)
    writeInt64(buffer, 35, this.#maxTimestamp)
    writeInt64(buffer, 43, producerId)
    buffer.writeInt16BE(epoch, 51)
    buffer.writeInt32BE(sequence, 53)
    buffer.writeInt32BE(this.#count, 57)
    buffer.writeUInt32BE(crc32c(buffer.subarray(attributesAt, this.#end)), 17)
  }

  /**
   * The two halves of a batch of several records that has been stamped, uncompressed; it is released itself. Records stay
   * as they are, but for their places in the batch.
   */
  halves(): [BatchEncoder, BatchEncoder] {
    const reader = this.#records('a batch to be split')
    const middle = Math.ceil(this.#count / 2)
    const capacity = headerBytes + Math.ceil(reader.end / 2) + fieldBytesMax
    const halves: [BatchEncoder, BatchEncoder] = [
      new BatchEncoder(this.#memory, capacity),
      new BatchEncoder(this.#memory, capacity),
    ]
    for (let index = 0; index < this.#count; index++) {
      const length = reader.varint()
      const end = reader.position + length
      reader.int8()
      const timestamp = this.#firstTimestamp + reader.varint()
      reader.varint()
      halves[index < middle ? 0 : 1].#addTail(timestamp, reader.slice(end - reader.position))
    }
    this.release()
    return halves
  }

  /** Adds a record of which key, value and headers have been encoded. */
  #addTail(timestamp: number, tail: Buffer): void {
    if (this.#count === 0) this.#firstTimestamp = timestamp
    const delta = timestamp - this.#firstTimestamp
    const length = 1 + varintBytes(delta) + varintBytes(this.#count) + tail.length
    this.#reserve(length)
    const buffer = this.#buffer
    let at = writeVarint(buffer, this.#end, length)
    buffer[at++] = 0
    at = writeVarint(buffer, at, delta)
    at = writeVarint(buffer, at, this.#count)
    this.#end = copy(tail, buffer, at)
    if (this.#count === 0 || timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
    this.#count++
  }

  /** Size and name of the first record, for messages; the batch has been stamped. */
  describeFirst(): { readonly bytes: number; readonly name: string } {
    const reader = this.#records('a batch to be described')
    const bytes = reader.varint()
    reader.int8()
    const time = new Date(this.#firstTimestamp + reader.varint()).toISOString()
    reader.varint()
    const keyLength = reader.varint()
    const key = keyLength === -1 ? 'no key' : `key '${reader.text(Math.min(keyLength, shownKeyBytesMax))}'`
    return { bytes, name: `${key}, time ${time}` }
  }

  #records(where: string): WireReader {
    const codec = this.#buffer.readInt16BE(attributesAt) & codecBits
    const packed = this.#buffer.subarray(headerBytes, this.#end)
    return new WireReader(codec === 0 ? packed : expand(codec, packed, where))
  }

  /** Gives its memory back; nothing may be done with it any more. */
  release(): void {
    this.#memory.give(this.#buffer)
  }
}

function copy(bytes: Uint8Array, target: Buffer, at: number): number {
  target.set(bytes, at)
  return at + bytes.length
}

/** What key and headers take at most. */
const bytesOf = (key: Uint8Array | null, headers: readonly RecordHeader[]): number =>
  (key?.length ?? 0) + (headers.length === 0 ? 0 : headersLength(headers))

function headersLength(headers: readonly RecordHeader[]): number {
  let length = varintBytes(headers.length)
  for (const { name, value } of headers) {
    const nameLength = Buffer.byteLength(name)
    length += varintBytes(nameLength) + nameLength
    length += value === null ? 1 : varintBytes(value.length) + value.length
  }
  return length
}

const smallMax = 0x3fff_ffff

/** How long a zigzag number is. */
function varintBytes(value: number): number {
  if (value < -smallMax || value > smallMax) return largeVarint(value).length
  const zigzag = (value << 1) ^ (value >> 31)
  return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x20_0000 ? 3 : zigzag < 0x1000_0000 ? 4 : 5
}

function writeVarint(buffer: Buffer, start: number, value: number): number {
  if (value < -smallMax || value > smallMax) return copy(largeVarint(value), buffer, start)
  let at = start
  let rest = (value << 1) ^ (value >> 31)
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buffer[at++] = rest
  return at
}

function largeVarint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value) < 0n ? ~(BigInt(value) * 2n) : BigInt(value) * 2n)
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

function writeInt64(buffer: Buffer, at: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000)
  buffer.writeInt32BE(high, at)
  buffer.writeUInt32BE(value - high * 0x1_0000_0000, at + 4)
}
