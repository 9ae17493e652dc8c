import type { PackedPayloads } from '@lightflus/engine'
import { safe, WireError } from '../protocol/wire.ts'
import type { RecordBatch } from './record-batch.ts'

const nothing = new Uint8Array(0)

/** Where the values of records lie in their buffer. One is filled again and again: no object for a record. */
export class PackedValues implements PackedPayloads {
  length = 0
  bytes: Uint8Array = nothing
  starts = new Int32Array(0)
  ends = new Int32Array(0)
  /** Offsets of the records, once it was ended; a new array each time, since they are kept beside what becomes of the records. */
  positions: number[] = []
  /** Undefined where nobody asks for them. */
  timestamps: number[] | undefined
  /** Bytes of keys and values. */
  size = 0

  /** Empties it. What is kept elsewhere has room for all at once: growing bit by bit costs 6 ns a record. */
  begin(recordsMax: number, withTimestamps: boolean): void {
    if (this.starts.length < recordsMax) {
      this.starts = new Int32Array(recordsMax)
      this.ends = new Int32Array(recordsMax)
    }
    this.length = 0
    this.bytes = nothing
    this.positions = new Array<number>(recordsMax)
    this.timestamps = withTimestamps ? new Array<number>(recordsMax) : undefined
    this.size = 0
  }

  /** All that is wanted is in it. */
  end(): void {
    this.positions.length = this.length
    if (this.timestamps) this.timestamps.length = this.length
  }
}

/** Which records are wanted. */
export interface WantedRecords {
  readonly recordsMax: number
  /** Offset before which records are left out: a fetch begins with a whole batch. */
  readonly from: number
  /** Offset at which to stop. */
  readonly until: number
}

const cacheLineBytes = 64
/** How far ahead of the record that is read its bytes are asked for. */
const aheadBytes = 4_096

/** Behind the number that {@link varintAt} has read: with the number itself it would be an object for each. */
let behind = 0

/**
 * Reads the records of a batch in one pass over their lengths; {@link recordsIn} is the plain form, which it must equal
 * in all it finds and refuses. Within a record nothing is held against its end until the last field: lengths are never
 * negative, so a record that ends where it says was read within its bounds, and everything else is refused.
 */
export class BatchCursor {
  readonly bytes: Buffer
  readonly #batch: RecordBatch
  readonly #where: string
  #at: number
  readonly #end: number
  #left: number
  #hasReachedEnd = false
  #lastOffset = -1
  /** Of no meaning: what is looked at ahead has to go somewhere. */
  #seen = 0

  /** @param records where they lie in `bytes`, expanded */
  constructor(
    batch: RecordBatch,
    bytes: Buffer,
    records: { readonly start: number; readonly end: number },
    where: string,
  ) {
    this.#batch = batch
    this.bytes = bytes
    this.#at = records.start
    this.#end = records.end
    this.#left = batch.recordCount
    this.#where = where
  }

  /** No record is left. */
  get isDone(): boolean {
    return this.#left === 0
  }

  /** It came to a record at {@link WantedRecords.until} or behind. */
  get hasReachedEnd(): boolean {
    return this.#hasReachedEnd
  }

  /** Of the records that were wanted; -1: none yet. */
  get lastOffset(): number {
    return this.#lastOffset
  }

  /** Adds records until as many are there as are wanted, or none are left. @throws WireError */
  fill(into: PackedValues, { recordsMax, from, until }: WantedRecords): void {
    const { bytes } = this
    const { baseOffset, nextOffset, firstTimestamp, maxTimestamp, hasLogTime } = this.#batch
    const { starts, ends, positions, timestamps } = into
    const end = this.#end
    // In differences to the first offset, which are small numbers: with large ones this takes half as long again.
    const deltasMax = nextOffset - baseOffset
    const fromDelta = Math.max(0, from - baseOffset)
    const untilDelta = Math.min(deltasMax, until - baseOffset)
    let at = this.#at
    let left = this.#left
    let length = into.length
    let size = 0
    let ahead = at
    let seen = 0
    while (left > 0 && length < recordsMax) {
      // Where the next record is only this one tells, so the memory behind each would be waited for in turn: half of the time.
      for (const near = Math.min(at + aheadBytes, end); ahead < near; ahead += cacheLineBytes) seen ^= bytes[ahead]!
      const recordStart = at
      const recordLength = lengthOf(varintAt(bytes, at))
      const recordEnd = behind + recordLength
      if (recordLength < 0 || recordEnd > end) throw this.#error('a record ends beyond its batch')
      // Behind the attributes, which no version uses.
      const timestamp = firstTimestamp + zigzag(varintAt(bytes, behind + 1))
      const delta = zigzag(varintAt(bytes, behind))
      const keyLength = lengthOf(varintAt(bytes, behind))
      const rawValueLength = varintAt(bytes, behind + keyLength)
      const valueLength = lengthOf(rawValueLength)
      const valueStart = behind
      at = valueStart + valueLength
      at = bytes[at] === 0 ? at + 1 : this.#skipHeaders(at, recordEnd)
      if (at !== recordEnd || keyLength < 0 || valueLength < 0)
        throw this.#error('a record is of another length than it says')
      if (delta < 0 || delta >= deltasMax)
        throw this.#error(`a record at offset ${baseOffset + delta} is not of its batch`)
      if (timestamp > Number.MAX_SAFE_INTEGER || timestamp < Number.MIN_SAFE_INTEGER) safe(timestamp)
      if (delta >= untilDelta) {
        this.#hasReachedEnd = true
        at = recordStart
        break
      }
      left--
      if (delta < fromDelta) continue
      starts[length] = rawValueLength === rawNull ? -1 : valueStart
      ends[length] = valueStart + valueLength
      positions[length] = baseOffset + delta
      if (timestamps) timestamps[length] = hasLogTime ? maxTimestamp : timestamp
      size += keyLength + valueLength
      length++
    }
    if (length > into.length) this.#lastOffset = positions[length - 1]!
    into.length = length
    into.size += size
    this.#seen = seen
    this.#at = at
    this.#left = left
    if (left === 0 && at !== end) throw this.#error('a batch holds more than its records')
  }

  /** Tells where they end. @throws WireError where that is beyond the record */
  #skipHeaders(start: number, recordEnd: number): number {
    let at = start
    const number = (): number => {
      const raw = varintAt(this.bytes, at)
      at = behind
      return zigzag(raw)
    }
    const count = number()
    if (count < 0) throw this.#error(`a record has ${count} headers`)
    for (let left = count; left > 0; left--) {
      const nameLength = number()
      at += nameLength
      const valueLength = number()
      if (valueLength !== -1) at += valueLength
      if (nameLength < 0 || valueLength < -1 || at > recordEnd)
        throw this.#error('a record is of another length than it says')
    }
    return at
  }

  #error(what: string): WireError {
    return new WireError(`${this.#where}: ${what}`)
  }
}

/** -1, which says that there is nothing. */
const rawNull = 1

/** Of what is not there, 0; of what cannot be, -1. */
const lengthOf = (raw: number): number => (raw === rawNull ? 0 : (raw & 1) === 1 || raw > 0x7fff_ffff ? -1 : raw >>> 1)

/** Small numbers of either sign are short. */
const zigzag = (raw: number): number =>
  raw <= 0x7fff_ffff ? (raw >>> 1) ^ -(raw & 1) : raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2

/** Not yet told from negative ones. Sets {@link behind}. @throws WireError for one that does not end */
function varintAt(bytes: Buffer, at: number): number {
  const first = bytes[at]!
  if (first < 0x80) {
    behind = at + 1
    return first
  }
  const second = bytes[at + 1]!
  if (second < 0x80) {
    behind = at + 2
    return (first & 0x7f) | (second << 7)
  }
  return longVarintAt(bytes, at)
}

/** Apart, so that the common lengths are read in place. */
function longVarintAt(bytes: Buffer, start: number): number {
  let value = 0
  let at = start
  for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
    const byte = bytes[at++]!
    value += (byte & 0x7f) * scale
    if (byte < 0x80) {
      behind = at
      return safe(value)
    }
  }
  throw new WireError('a variable-length number does not end')
}
