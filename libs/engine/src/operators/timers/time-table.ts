import { TimeTableCopy } from './time-table-copy.ts'

const firstSlots = 16

/**
 * A Map from times to what is due then, as open addressing over typed arrays with linear probing: timers that are put off
 * look one time up, add one and remove one with every record, and each of these is one probe here. What is removed leaves
 * no mark: entries behind it move up, and the table shrinks again.
 */
export class TimeTable<T> {
  #times = new Float64Array(firstSlots)
  /** Undefined: the slot is free. */
  #values: (T | undefined)[] = new Array<T | undefined>(firstSlots).fill(undefined)
  #size = 0
  #copy: TimeTableCopy<T> | undefined

  /** What is there now, to be read while the table goes on; one at a time. */
  freeze(): TimeTableCopy<T> {
    return (this.#copy = new TimeTableCopy(this.#times, this.#values))
  }

  /** The copy is read, or not wanted. */
  release(): void {
    this.#copy = undefined
  }

  get size(): number {
    return this.#size
  }

  /** The slot of a time, or the free one where it belongs. Not to be kept while entries come and go. */
  slotOf(time: number): number {
    const times = this.#times
    const values = this.#values
    const mask = times.length - 1
    let slot = homeOf(time, mask)
    while (values[slot] !== undefined && times[slot] !== time) slot = (slot + 1) & mask
    return slot
  }

  at(slot: number): T | undefined {
    return this.#values[slot]
  }

  /** What is due at the time of a slot that is taken. */
  replace(slot: number, value: T): void {
    this.#copy?.beforeChange(slot)
    this.#values[slot] = value
  }

  /** @param slot the free one of that time. */
  insert(slot: number, time: number, value: T): void {
    this.#copy?.beforeChange(slot)
    // Not -0, which is the same time as 0.
    this.#times[slot] = time + 0
    this.#values[slot] = value
    if (++this.#size * 2 > this.#times.length) this.#resize(2 * this.#times.length)
  }

  remove(slot: number): void {
    const times = this.#times
    const values = this.#values
    const mask = times.length - 1
    const copy = this.#copy
    let free = slot
    for (let next = (free + 1) & mask; values[next] !== undefined; next = (next + 1) & mask) {
      // What is found from its home on must not lose the way there.
      if (((next - homeOf(times[next], mask)) & mask) < ((next - free) & mask)) continue
      copy?.beforeChange(free)
      times[free] = times[next]
      values[free] = values[next]
      free = next
    }
    copy?.beforeChange(free)
    values[free] = undefined
    this.#size--
    if (this.#size * 8 < times.length && times.length > firstSlots) this.#resize(times.length / 2)
  }

  /** All times, in no order. */
  times(): number[] {
    const all: number[] = []
    this.#values.forEach((value, slot) => {
      if (value !== undefined) all.push(this.#times[slot])
    })
    return all
  }

  #resize(slots: number): void {
    const times = this.#times
    const values = this.#values
    // It has these arrays to itself now.
    this.#copy = undefined
    this.#times = new Float64Array(slots)
    this.#values = new Array<T | undefined>(slots).fill(undefined)
    values.forEach((value, from) => {
      if (value === undefined) return
      const slot = this.slotOf(times[from])
      this.#times[slot] = times[from]
      this.#values[slot] = value
    })
  }
}

/** Times that follow each other are to lie apart: runs of taken slots make probing slow. */
function homeOf(time: number, mask: number): number {
  const hash = Math.imul((time | 0) ^ ((time / 0x1_0000_0000) | 0), 0x9e3779b1)
  return (hash ^ (hash >>> 15)) & mask
}
