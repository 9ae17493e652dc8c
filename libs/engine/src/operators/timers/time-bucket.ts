import type { Key } from '@lightflus/api'

/** The keys with a timer for one time, in the order in which they were set: each with its place in that order. */
export class TimeBucket {
  readonly #places = new Map<Key, number>()
  #nextPlace = 0
  /** The copying that the places below are of. */
  #copiedIn: number
  /** Keys from this place on are no part of it, and those before the other are copied. */
  #end = 0
  #copiedTo = 0

  /** @param copying the present one, or the last: what is made now is no part of it. */
  constructor(copying: number) {
    this.#copiedIn = copying
  }

  get size(): number {
    return this.#places.size
  }

  keys(): IterableIterator<Key> {
    return this.#places.keys()
  }

  /** @returns false where it is in it already. */
  add(key: Key, copying: number): boolean {
    if (this.#places.has(key)) return false
    this.#freeze(copying)
    this.#places.set(key, this.#nextPlace++)
    return true
  }

  /**
   * @param copy where a copying is under way: is given the key first, with its place, where it is yet to be copied
   * @returns false where it is not in it.
   */
  delete(key: Key, copying: number, copy: ((key: Key, place: number) => void) | undefined): boolean {
    if (copy !== undefined) {
      this.#freeze(copying)
      const place = this.#places.get(key)
      if (place !== undefined && place >= this.#copiedTo && place < this.#end) copy(key, place)
    }
    return this.#places.delete(key)
  }

  /** Copies the keys that are left as they were at the barrier; yields after each. */
  *copy(copying: number, copy: (key: Key, place: number) => void): Generator<void, void> {
    this.#freeze(copying)
    for (const [key, place] of this.#places) {
      if (place >= this.#end) return
      this.#copiedTo = place + 1
      copy(key, place)
      yield
    }
  }

  #freeze(copying: number): void {
    if (this.#copiedIn === copying) return
    this.#copiedIn = copying
    this.#end = this.#nextPlace
    this.#copiedTo = 0
  }
}
