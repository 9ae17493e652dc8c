/** Slots of one page, as a power of two: what is saved at once when one of them changes. */
const pageBits = 6
const pageSlots = 1 << pageBits

/** What a slot held: undefined where it was free. */
interface Page<T> {
  readonly times: Float64Array
  readonly values: readonly (T | undefined)[]
}

/**
 * The slots of a table as they were when this was made: a page of them is saved before the first of them changes, unless
 * it has been read by then. The table leaves the arrays alone once it has others.
 */
export class TimeTableCopy<T> {
  readonly #times: Float64Array
  readonly #values: readonly (T | undefined)[]
  /** By page. */
  readonly #saved: (Page<T> | undefined)[]
  readonly #isUnread: Uint8Array
  #next = 0
  /** About what pages that were saved take. */
  bytes = 0

  constructor(times: Float64Array, values: readonly (T | undefined)[]) {
    this.#times = times
    this.#values = values
    const pages = Math.ceil(times.length / pageSlots)
    this.#saved = new Array<undefined>(pages).fill(undefined)
    this.#isUnread = new Uint8Array(pages).fill(1)
  }

  beforeChange(slot: number): void {
    const page = slot >>> pageBits
    if (this.#isUnread[page] === 0) return
    this.#isUnread[page] = 0
    const from = page << pageBits
    const to = from + pageSlots
    this.#saved[page] = { times: this.#times.slice(from, to), values: this.#values.slice(from, to) }
    this.bytes += pageSlots * 16
  }

  /** Reads the next page. @returns false where there is none. */
  readPage(read: (time: number, value: T) => void): boolean {
    const from = this.#next
    if (from >= this.#times.length) return false
    const page = from >>> pageBits
    const saved = this.#saved[page]
    if (saved !== undefined) {
      saved.values.forEach((value, i) => {
        if (value !== undefined) read(saved.times[i], value)
      })
      this.#saved[page] = undefined
      this.bytes -= pageSlots * 16
    } else {
      const to = Math.min(from + pageSlots, this.#times.length)
      for (let slot = from; slot < to; slot++) {
        const value = this.#values[slot]
        if (value !== undefined) read(this.#times[slot], value)
      }
      this.#isUnread[page] = 0
    }
    this.#next = from + pageSlots
    return true
  }
}
