/** From how many entries on not all are weighed, but one of so many. */
const allMax = 256
const rowStride = 8
const keyStride = 4
/**
 * How many entries are met with a call, beside new ones. While they grow so many are weighed, since what is said lags
 * behind them.
 */
const steadySteps = 2
const growingWeighed = 4
/** An entry of so many bytes says nothing of what others weigh. */
const largeBytes = 65_536

/**
 * About what the entries of an operator's state weigh together, although they are many, change in place and differ: the
 * entries are gone through again and again, a few with each call, and a new one is met soon after it has come. A large one
 * counts by itself; the others stand for those that have not been met yet, and where there are many, one for its neighbours.
 * So it is within a fifth of what they weigh when entries of up to ten times the weight of others come in no order, and in
 * any case between the least and the greatest that they may weigh. What is said lags behind where entries grow without new
 * ones coming. The hot path of the operator has no part in it.
 */
export class StateWeight<Entry> {
  readonly #entries: () => Iterator<Entry>
  readonly #weigh: (entry: Entry) => number
  readonly #stride: number
  /** The way through the entries that is under way. */
  #way: Iterator<Entry> | undefined
  /** Entries that were met on it. */
  #met = 0
  /** Of these the ones that are not large and were weighed, each with what was passed by for it; and their weight. */
  #weighed = 0
  #weight = 0
  #largeWeight = 0
  /** Where the next way begins among the entries of which one is weighed: after some ways, each was. */
  #phase = 0
  /** What an entry weighed on the way before, and the large ones together; undefined: there was none. */
  #before: { readonly mean: number; readonly large: number } | undefined
  #sizeBefore = 0

  /**
   * @param entries all, in an order in which new ones come last, as a Map's; an iterator has to go on over what comes and
   * goes meanwhile.
   * @param weigh of one entry, with all that the operator holds of it.
   * @param of what the entries are: all of a key, which may be much, so that all are weighed once one was large; or a
   * record each.
   */
  constructor(entries: () => Iterator<Entry>, weigh: (entry: Entry) => number, of: 'keys' | 'rows' = 'keys') {
    this.#entries = entries
    this.#weigh = weigh
    this.#stride = of === 'rows' ? rowStride : keyStride
  }

  /** @param size how many entries there are. To be called between batches. */
  bytes(size: number): number {
    const added = size - (this.#before === undefined ? this.#met : this.#sizeBefore)
    this.#sizeBefore = size
    for (let left = this.#stepsOf(size) + Math.max(0, added); left > 0 && this.#step(size); left--);
    if (size === 0) return 0
    const met = Math.min(size, this.#met)
    const mean = this.#mean
    const large = Math.max(this.#largeWeight, this.#before?.large ?? 0)
    return Math.round(met * mean + (size - met) * (this.#before?.mean ?? mean) + large)
  }

  /** Of those that are not large. */
  get #mean(): number {
    return this.#weighed === 0 ? (this.#before?.mean ?? 0) : this.#weight / this.#weighed
  }

  /** Entries are taken to grow where those that were met weigh a fifth more than on the way before. */
  #stepsOf(size: number): number {
    const before = this.#before
    if (before === undefined) return steadySteps
    const met = Math.max(this.#met, this.#weighed)
    const isGrowing = this.#weight + this.#largeWeight > 1.2 * (before.mean * met + before.large)
    return isGrowing ? growingWeighed * this.#shareOf(size) : steadySteps
  }

  /** @returns false at the end of a way. */
  #step(size: number): boolean {
    this.#way ??= this.#begin()
    const { done, value } = this.#way.next()
    // Where entries are put at the end again and again, a way would have none.
    if (done || this.#met > 2 * size + rowStride) {
      this.#before = { mean: this.#mean, large: this.#largeWeight }
      this.#way = undefined
      this.#phase = (this.#phase + 1) % this.#stride
      return false
    }
    const share = this.#shareOf(size)
    if ((this.#met++ + this.#phase) % share === 0) this.#take(share, this.#weigh(value))
    return true
  }

  /** Of how many entries one is weighed. */
  #shareOf(size: number): number {
    return size <= allMax || this.#mustWeighAll ? 1 : this.#stride
  }

  get #ofRows(): boolean {
    return this.#stride === rowStride
  }

  get #mustWeighAll(): boolean {
    if (this.#ofRows) return false
    return this.#largeWeight > 0 || (this.#before !== undefined && this.#before.large > 0)
  }

  #take(share: number, weight: number): void {
    if (weight >= largeBytes) {
      this.#largeWeight += this.#ofRows ? share * weight : weight
      return
    }
    this.#weight += share * weight
    this.#weighed += share
  }

  #begin(): Iterator<Entry> {
    this.#met = 0
    this.#weighed = 0
    this.#weight = 0
    this.#largeWeight = 0
    return this.#entries()
  }
}
