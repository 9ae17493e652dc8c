import { createHash } from 'node:crypto'

/** Tells two collections of rows apart, in whatever order their rows come: count, and the sum of their hashes. */
export class RowDigest {
  #rows = 0
  #sum = 0n

  add(row: Readonly<Record<string, unknown>>): void {
    const text = JSON.stringify(Object.entries(row).sort(([one], [other]) => (one < other ? -1 : 1)))
    this.#sum += createHash('md5').update(text).digest().readBigUInt64LE()
    this.#rows++
  }

  toString(): string {
    return `${this.#rows} rows ${this.#sum.toString(16)}`
  }
}
