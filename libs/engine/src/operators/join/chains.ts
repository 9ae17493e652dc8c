const none = -1
const firstEntries = 16
/** Of lists that have had no entry yet. */
const empty = new Int32Array(0)

/**
 * Lists of numbered entries, each in one of them at most, as columns: rings that are linked both ways, so that whoever
 * knows the first of a list knows its last, and an entry is taken out wherever it stands. A list is known by its first
 * entry, and is empty where that is -1.
 */
export class Chains {
  #next = empty
  #previous = empty

  /** @param first of the list that the entry becomes the last of. */
  append(id: number, first: number): void {
    if (id >= this.#next.length) this.#grow(Math.max(id + 1, 2 * this.#next.length, firstEntries))
    const next = this.#next
    const previous = this.#previous
    if (first === none) {
      next[id] = id
      previous[id] = id
      return
    }
    const last = previous[first]
    next[last] = id
    previous[id] = last
    next[id] = first
    previous[first] = id
  }

  /** The entry behind that one; -1 behind the last. */
  next(id: number, first: number): number {
    const next = this.#next[id]
    return next === first ? none : next
  }

  /** The entry before that one; -1 before the first. */
  previous(id: number, first: number): number {
    return id === first ? none : this.#previous[id]
  }

  last(first: number): number {
    return first === none ? none : this.#previous[first]
  }

  /** @returns the first of the list without the entry. */
  remove(id: number, first: number): number {
    const next = this.#next[id]
    if (next === id) return none
    const previous = this.#previous[id]
    this.#next[previous] = next
    this.#previous[next] = previous
    return id === first ? next : first
  }

  #grow(length: number): void {
    const [next, previous] = [this.#next, this.#previous]
    this.#next = new Int32Array(length)
    this.#previous = new Int32Array(length)
    this.#next.set(next)
    this.#previous.set(previous)
  }
}
