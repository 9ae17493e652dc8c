// Expands blocks of snappy and LZ4, 1.5–2 GB/s where JavaScript makes 0.3–0.5. Each byte is looked at only where it is one
// of the block, and written only where the block may; but up to 15 bytes behind an end are read and written, which mean
// nothing: the host leaves room for them behind what it puts into the memory and behind what it expects.

/** What a block that makes no sense comes to. */
const damaged: usize = 0

/** 16 at a time, which may go beyond the end. */
function copy(to: usize, from: usize, length: usize): void {
  const end = to + length
  do {
    v128.store(to, v128.load(from))
    to += 16
    from += 16
  } while (to < end)
}

/** Repeats what was written `distance` bytes ago; it may overlap what it writes. */
function copyBack(to: usize, distance: usize, length: usize): void {
  if (distance >= 16) return copy(to, to - distance, length)
  const end = to + length
  if (distance >= 8)
    do {
      store<u64>(to, load<u64>(to - distance))
      to += 8
    } while (to < end)
  else for (; to < end; to++) store<u8>(to, load<u8>(to - distance))
}

/** Expands a block of snappy, behind its size, to just what lies between `outStart` and `outEnd`. @returns outEnd, or 0 */
export function snappy(start: usize, end: usize, outStart: usize, outEnd: usize): usize {
  let at = start
  let out = outStart
  while (at < end) {
    const tag: usize = load<u8>(at++)
    const kind = tag & 3
    if (kind === 0) {
      let length = tag >>> 2
      if (length >= 60) {
        const width = length - 59
        if (width > end - at) return damaged
        length = load<u32>(at) & (0xffff_ffff >>> ((4 - (width as u32)) << 3))
        at += width
      }
      // Less one, so that the largest does not become 0.
      if (length >= end - at || length >= outEnd - out) return damaged
      length++
      copy(out, at, length)
      at += length
      out += length
    } else {
      const width: usize = kind === 3 ? 4 : kind
      if (width > end - at) return damaged
      const isShort = kind === 1
      const length = isShort ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
      const distance: usize = isShort
        ? ((tag >>> 5) << 8) | load<u8>(at)
        : kind === 2
          ? (load<u16>(at) as usize)
          : (load<u32>(at) as usize)
      at += width
      if (distance === 0 || distance > out - outStart || length > outEnd - out) return damaged
      copyBack(out, distance, length)
      out += length
    }
  }
  return out === outEnd ? out : damaged
}

/**
 * Expands a block of LZ4 to `out` and behind, `outEnd` at most. It may refer to what lies from `outStart` on.
 * @returns where it ended, or 0
 */
export function lz4(start: usize, end: usize, outStart: usize, outBegin: usize, outEnd: usize): usize {
  let at = start
  let out = outBegin
  while (at < end) {
    const token: usize = load<u8>(at++)
    let literals = token >>> 4
    if (literals === 15)
      for (let next: usize = 255; next === 255; literals += next) {
        if (at >= end || literals > end - at) return damaged
        next = load<u8>(at++)
      }
    if (literals > end - at || literals > outEnd - out) return damaged
    if (literals > 0) copy(out, at, literals)
    at += literals
    out += literals
    // The last sequence is literals alone.
    if (at === end) return out
    if (end - at < 2) return damaged
    const distance: usize = load<u16>(at)
    at += 2
    let length = token & 15
    if (length === 15)
      for (let next: usize = 255; next === 255; length += next) {
        if (at >= end || length > outEnd - out) return damaged
        next = load<u8>(at++)
      }
    length += 4
    if (distance === 0 || distance > out - outStart || length > outEnd - out) return damaged
    copyBack(out, distance, length)
    out += length
  }
  return damaged
}
