/** Slots of one part at most, 512 KiB: what is moved at once when a part grows, so that no record waits long for it. */
const partSlotsMax = 65_536
const firstSlots = 8
/** Bits of a hash that tell parts apart. */
const depthMax = 9
/** A part grows when more of it is taken: longer runs of taken slots would cost more than the memory saved. */
const loadMax = 0.65

/**
 * Part of a {@link HashIndex}: open addressing with linear probing. Two integers a slot, so that both are in one cache
 * line: the hash, and one more than the entry that has it (0: free).
 */
export class IndexPart {
  readonly slots: Int32Array
  readonly mask: number
  /** How many of a hash's highest bits are the same for all of the part. */
  readonly depth: number
  taken = 0

  constructor(slots: number, depth: number) {
    this.slots = new Int32Array(2 * slots)
    this.mask = slots - 1
    this.depth = depth
  }
}

/**
 * Entries of a table by the hash of their key, in parts by the hash's highest bits (extendible hashing: Fagin et al. 1979).
 * A part that is full is made again, larger or as two: so a table grows without a moment in which it is there twice, and
 * without one in which all of it is moved. The lowest seven bits of a hash are its key group, and so alike in one subtask:
 * places within a part go by the bits above them.
 */
export class HashIndex {
  /** By the highest {@link depth} bits of a hash: `parts[(hash >>> 1) >>> (31 - depth)]`, since a shift by 32 would be none. */
  parts: IndexPart[] = [new IndexPart(firstSlots, 0)]
  depth = 0
  /** Of all parts. */
  bytes = 8 * firstSlots

  /** Adds an entry at a free slot that was found for it. */
  take(part: IndexPart, at: number, hash: number, entry: number): void {
    part.slots[at] = hash
    part.slots[at + 1] = entry + 1
    if (++part.taken > loadMax * (part.mask + 1)) this.#grow(part, hash)
  }

  #grow(part: IndexPart, hash: number): void {
    const slots = part.mask + 1
    const isSplit = slots >= partSlotsMax && part.depth < depthMax
    const depth = isSplit ? part.depth + 1 : part.depth
    const first = new IndexPart(isSplit ? slots : 2 * slots, depth)
    const second = isSplit ? new IndexPart(slots, depth) : first
    const bit = 32 - depth
    for (let at = 0; at < part.slots.length; at += 2) {
      if (part.slots[at + 1] === 0) continue
      put(isSplit && (part.slots[at] >>> bit) & 1 ? second : first, part.slots[at], part.slots[at + 1])
    }
    this.bytes += 8 * slots
    this.#replace(part, hash, first, second)
  }

  #replace(part: IndexPart, hash: number, first: IndexPart, second: IndexPart): void {
    if (first.depth > this.depth) {
      this.parts = this.parts.flatMap((each) => [each, each])
      this.depth++
    }
    // All places whose highest bits are those of the part.
    const places = 1 << (this.depth - part.depth)
    const from = ((hash >>> 1) >>> (31 - this.depth)) & ~(places - 1)
    for (let i = 0; i < places; i++) this.parts[from + i] = i < places / 2 ? first : second
  }
}

/** Where to look for a hash first in its part: an index of `slots`. */
export function placeOf(part: IndexPart, hash: number): number {
  return ((hash >>> 7) & part.mask) << 1
}

function put(part: IndexPart, hash: number, entryAndOne: number): void {
  let at = placeOf(part, hash)
  while (part.slots[at + 1] !== 0) at = (at + 2) & ((part.mask << 1) | 1)
  part.slots[at] = hash
  part.slots[at + 1] = entryAndOne
  part.taken++
}
