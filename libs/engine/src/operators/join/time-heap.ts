/** Something that is due at a time. */
export interface Due {
  readonly time: number
}

interface Entry<T> {
  readonly item: T
  /** How many were put in before: of what is due at one time, the first comes first. */
  readonly order: number
}

/** From how many places on those of what was taken out are made free. */
const takenMax = 1_024

/**
 * What is due next, in the order of time. What is put in in that order, as most is, stands in a queue; what comes later
 * than it should stands in a binary heap. Of what is due at one time that in the queue came first: something is put into
 * the queue only where nothing in it or in the heap was put in for a later time.
 */
export class TimeHeap<T extends Due> {
  readonly #queue: (T | undefined)[] = []
  /** Where the queue begins: what was before is taken out. */
  #head = 0
  /** The greatest time in the queue since all was empty. */
  #latest = -Infinity
  readonly #entries: Entry<T>[] = []
  #order = 0

  get size(): number {
    return this.#queue.length - this.#head + this.#entries.length
  }

  /** When the first is due; Infinity: nothing is. */
  get dueAt(): number {
    return Math.min(this.#queuedAt, this.#dueLate)
  }

  push(item: T): void {
    if (this.size === 0) this.#latest = -Infinity
    if (item.time >= this.#latest) {
      this.#latest = item.time
      this.#queue.push(item)
    } else this.#pushLate(item)
  }

  /** Takes the first out, which must be there. */
  pop(): T {
    if (this.#queuedAt > this.#dueLate) return this.#popLate()
    const item = this.#queue[this.#head]!
    this.#queue[this.#head++] = undefined
    if (this.#head === this.#queue.length || (this.#head >= takenMax && 2 * this.#head > this.#queue.length))
      this.#dropTaken()
    return item
  }

  /** All that is in it, first to last. */
  inOrder(): T[] {
    const late = [...this.#entries].sort((a, b) => (isBefore(a, b) ? -1 : 1)).map(({ item }) => item)
    // Sorting leaves what is of one time in the order of the queue, then of the heap.
    return [...this.#queued(), ...late].sort((a, b) => a.time - b.time)
  }

  /** All, in no order that means anything; it goes on over what is put into the queue meanwhile. */
  *all(): Generator<T, void> {
    for (let i = this.#head; i < this.#queue.length; i = Math.max(i + 1, this.#head)) yield this.#queue[i]!
    for (const { item } of this.#entries) yield item
  }

  #queued(): T[] {
    return this.#queue.slice(this.#head) as T[]
  }

  get #queuedAt(): number {
    return this.#head === this.#queue.length ? Infinity : this.#queue[this.#head]!.time
  }

  get #dueLate(): number {
    return this.#entries.length === 0 ? Infinity : this.#entries[0].item.time
  }

  #dropTaken(): void {
    if (this.#head === this.#queue.length) this.#queue.length = 0
    else this.#queue.splice(0, this.#head)
    this.#head = 0
  }

  #pushLate(item: T): void {
    const entries = this.#entries
    const entry = { item, order: this.#order++ }
    let place = entries.push(entry) - 1
    while (place > 0) {
      const parent = (place - 1) >>> 1
      if (!isBefore(entry, entries[parent])) break
      entries[place] = entries[parent]
      place = parent
    }
    entries[place] = entry
  }

  #popLate(): T {
    const entries = this.#entries
    const first = entries[0]
    const last = entries.pop()!
    if (entries.length > 0) this.#sink(last)
    return first.item
  }

  /** Puts an entry in from the top, in place of what was there. */
  #sink(entry: Entry<T>): void {
    const entries = this.#entries
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= entries.length) break
      if (child + 1 < entries.length && isBefore(entries[child + 1], entries[child])) child++
      if (!isBefore(entries[child], entry)) break
      entries[place] = entries[child]
      place = child
    }
    entries[place] = entry
  }
}

function isBefore<T extends Due>(a: Entry<T>, b: Entry<T>): boolean {
  return a.item.time < b.item.time || (a.item.time === b.item.time && a.order < b.order)
}
