/** Something that is due at a time. */
export interface Due {
  readonly time: number
}

interface Entry<T> {
  readonly item: T
  /** How many were put in before: of what is due at one time, the first comes first. */
  readonly order: number
}

/** What is due next, in the order of time: a binary heap. */
export class TimeHeap<T extends Due> {
  readonly #entries: Entry<T>[] = []
  #order = 0

  get size(): number {
    return this.#entries.length
  }

  /** When the first is due; Infinity: nothing is. */
  get dueAt(): number {
    return this.#entries.length === 0 ? Infinity : this.#entries[0].item.time
  }

  push(item: T): void {
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

  /** Takes the first out, which must be there. */
  pop(): T {
    const entries = this.#entries
    const first = entries[0]
    const last = entries.pop()!
    if (entries.length > 0) this.#sink(last)
    return first.item
  }

  /** All that is in it, first to last. */
  inOrder(): T[] {
    return [...this.#entries].sort((a, b) => (isBefore(a, b) ? -1 : 1)).map(({ item }) => item)
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
