/** One stretch of memory, seen in every width that columns are written in. Positions in it are bytes from its start. */
export interface Views {
  readonly bytes: Buffer
  readonly u16: Uint16Array
  readonly i32: Int32Array
  readonly f64: Float64Array
}

/** @param offset a multiple of 8, as is `length`. */
export function viewsOf(memory: ArrayBufferLike, offset = 0, length = memory.byteLength - offset): Views {
  return {
    bytes: Buffer.from(memory as ArrayBuffer, offset, length),
    u16: new Uint16Array(memory, offset, length / 2),
    i32: new Int32Array(memory, offset, length / 4),
    f64: new Float64Array(memory, offset, length / 8),
  }
}

/** The next position at which a float64 may lie. */
export function aligned(position: number): number {
  return (position + 7) & ~7
}
