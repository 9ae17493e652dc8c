/** Of damaged bytes, or of a form that is read by the library alone. What it says is for nobody: the library reads them again. */
export class NotHere extends Error {}

/** Wider numbers would take more than 32 bits with what is left of the byte before. */
const widthMax = 24

/**
 * Numbers of Parquet's hybrid of runs and packed bits, by which levels and places in a dictionary are written:
 * https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE
 * @param into is given `count` numbers from `first` on.
 * @throws NotHere where there are fewer
 */
export function readRunsAndBits(
  { bytes, start, end, width }: { bytes: Uint8Array; start: number; end: number; width: number },
  into: Uint8Array | Int32Array,
  first: number,
  count: number,
): void {
  if (width > widthMax) throw new NotHere()
  const stop = first + count
  let at = start
  let filled = first
  while (filled < stop) {
    let header = 0
    for (let shift = 0, next = 128; next >= 128; shift += 7) {
      if (at >= end || shift > 28) throw new NotHere()
      next = bytes[at++]
      header |= (next & 127) << shift
    }
    const length = header >>> 1
    if (length === 0) throw new NotHere()
    if ((header & 1) === 0) {
      const runBytes = (width + 7) >>> 3
      if (at + runBytes > end) throw new NotHere()
      let value = 0
      for (let index = 0; index < runBytes; index++) value |= bytes[at++] << (8 * index)
      const last = Math.min(stop, filled + length)
      into.fill(value, filled, last)
      filled = last
    } else {
      const last = Math.min(stop, filled + 8 * length)
      // The last group may be cut off where its numbers are no more.
      if (at + (((last - filled) * width + 7) >>> 3) > end) throw new NotHere()
      unpack(bytes, at, width, into, filled, last)
      at += length * width
      filled = last
    }
  }
}

/** Numbers of so many bits each, the lowest first. */
function unpack(
  bytes: Uint8Array,
  at: number,
  width: number,
  into: Uint8Array | Int32Array,
  from: number,
  to: number,
): void {
  const mask = (1 << width) - 1
  let bits = 0
  let held = 0
  for (let index = from; index < to; index++) {
    while (held < width) {
      bits |= bytes[at++] << held
      held += 8
    }
    into[index] = bits & mask
    bits >>>= width
    held -= width
  }
}
