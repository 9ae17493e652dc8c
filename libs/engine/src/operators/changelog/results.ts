import type { ChangeKind } from '@lightflus/api'
import { emittedRecordsMax } from '../operator.ts'
import type { RecordBatch } from '../../record.ts'

/**
 * What an operator has made and not emitted yet, as columns. An update is put in as a whole, so that its two halves
 * never part: what follows tells by their neighbourhood that they are one.
 */
export class Results {
  #values: unknown[] = []
  #timestamps: number[] = []
  #changes: ChangeKind[] = []
  #onlyInserts = true

  get isEmpty(): boolean {
    return this.#values.length === 0
  }

  /** Enough for a batch: it should be taken before more is put in. */
  get isFull(): boolean {
    return this.#values.length >= emittedRecordsMax
  }

  insert(value: unknown, timestamp: number): void {
    this.#push('insert', value, timestamp)
  }

  delete(value: unknown, timestamp: number): void {
    this.#push('delete', value, timestamp)
    this.#onlyInserts = false
  }

  update(before: unknown, after: unknown, timestamp: number): void {
    this.#push('updateBefore', before, timestamp)
    this.#push('updateAfter', after, timestamp)
    this.#onlyInserts = false
  }

  /** The batch so far; what is put in from now on belongs to the next one. */
  take(): RecordBatch {
    const batch = {
      values: this.#values,
      timestamps: this.#timestamps,
      ...(this.#onlyInserts ? {} : { changes: this.#changes }),
    }
    this.#values = []
    this.#timestamps = []
    this.#changes = []
    this.#onlyInserts = true
    return batch
  }

  #push(change: ChangeKind, value: unknown, timestamp: number): void {
    this.#values.push(value)
    this.#timestamps.push(timestamp)
    this.#changes.push(change)
  }
}
