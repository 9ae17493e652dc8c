/** Pieces are whole multiples of this, and an eighth larger than asked for: row groups are hardly ever of quite one size. */
const pieceBytes = 64 * 1024

/**
 * The memory of the row group that is being read, which the next one takes again. Left to the garbage collector it would stay
 * for a while, and a row group may have tens of megabytes.
 */
export class GroupMemory {
  #taken: ArrayBuffer[] = []
  #free: ArrayBuffer[] = []
  #chunk = Buffer.alloc(0)
  #page = Buffer.alloc(0)

  /** Nothing of the last row group is looked at any more. What was left over of the one before is let go. */
  begin(): void {
    this.#free = this.#taken
    this.#taken = []
  }

  /** So many bytes, whatever they are, for as long as the row group. */
  take(length: number): ArrayBuffer {
    let fitting: ArrayBuffer | undefined
    for (const free of this.#free) {
      const isBetween = free.byteLength >= length && free.byteLength <= 2 * length + pieceBytes
      if (isBetween && free.byteLength < (fitting?.byteLength ?? Infinity)) fitting = free
    }
    if (fitting !== undefined) this.#free.splice(this.#free.indexOf(fitting), 1)
    const piece = fitting ?? new ArrayBuffer(roomFor(length))
    this.#taken.push(piece)
    return piece
  }

  readonly kept = (length: number): Buffer => Buffer.from(this.take(length), 0, length)

  /** Bytes of one column as they are in the file: until the next column's. */
  readonly chunk = (length: number): Buffer => {
    if (this.#chunk.length < length) this.#chunk = Buffer.allocUnsafeSlow(roomFor(length))
    return this.#chunk.subarray(0, length)
  }

  /** Bytes of one page: until the next page's. */
  readonly page = (length: number): Buffer => {
    if (this.#page.length < length) this.#page = Buffer.allocUnsafeSlow(roomFor(length))
    return this.#page.subarray(0, length)
  }
}

const roomFor = (length: number): number => Math.ceil((length * 1.125) / pieceBytes) * pieceBytes
