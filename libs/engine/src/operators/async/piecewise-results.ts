import type { RecordBatch } from '../../record.ts'
import { selectRecords, withValues } from '../../record-batch.ts'

const open = 0
const settled = 1
const skipped = 2

/** The results of a batch while they come in, handed out in pieces: in the order of the records, or as they come. */
export class PiecewiseResults {
  readonly #batch: RecordBatch
  readonly #isOrdered: boolean
  readonly #values: unknown[]
  readonly #states: Uint8Array
  /** Ordered: the first record that has not been handed out. */
  #next = 0
  /** Unordered: settled and not handed out. */
  #ready: number[] = []
  #openCount: number

  constructor(batch: RecordBatch, isOrdered: boolean) {
    this.#batch = batch
    this.#isOrdered = isOrdered
    this.#openCount = batch.values.length
    this.#values = new Array<unknown>(this.#openCount)
    this.#states = new Uint8Array(this.#openCount)
  }

  get isComplete(): boolean {
    return this.#openCount === 0
  }

  settle(index: number, value: unknown): void {
    this.#values[index] = value
    this.#states[index] = settled
    this.#openCount--
    if (!this.#isOrdered) this.#ready.push(index)
  }

  /** The record has no result. */
  skip(index: number): void {
    this.#states[index] = skipped
    this.#openCount--
  }

  /** What can be emitted now and was not handed out yet; undefined: nothing. */
  take(): RecordBatch | undefined {
    const indices = this.#isOrdered ? this.#prefix() : this.#ready
    this.#ready = []
    if (indices.length === 0) return undefined
    const whole = withValues(this.#batch, this.#values)
    // A whole batch is taken as it is where its order is the same.
    return this.#isOrdered && indices.length === this.#values.length ? whole : selectRecords(whole, indices)
  }

  #prefix(): number[] {
    const indices: number[] = []
    for (; this.#next < this.#states.length; this.#next++) {
      if (this.#states[this.#next] === open) break
      if (this.#states[this.#next] === settled) indices.push(this.#next)
    }
    return indices
  }
}
