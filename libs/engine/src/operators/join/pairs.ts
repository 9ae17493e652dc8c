import type { JoinKind, Key } from '@lightflus/api'
import type { RecordBatch } from '../../record.ts'
import { Results } from '../changelog/results.ts'
import type { OperatorContext } from '../operator.ts'
import { refusePromises, type FailedRecord, type RecordFailures } from '../record-failures.ts'

type JoiningKind = 'windowJoin' | 'intervalJoin' | 'join' | 'temporalJoin'

/** Whether records without a partner are in the result, by the input that they came in by: the left is input 0. */
export type KeepsAlone = readonly [boolean, boolean]

export function keepsAlone(kind: JoinKind): KeepsAlone {
  return [kind === 'left' || kind === 'full', kind === 'right' || kind === 'full']
}

/** Makes a join's results out of pairs. A pair on which the program's function throws is skipped alone. */
export class Pairs {
  readonly #combine: (left: unknown, right: unknown, window?: PairWindow) => unknown
  readonly #failures: RecordFailures
  readonly #results = new Results()

  constructor({ operator, failures }: OperatorContext<JoiningKind>) {
    this.#combine = operator.functions.combine
    this.#failures = failures
  }

  get isEmpty(): boolean {
    return this.#results.isEmpty
  }

  get isFull(): boolean {
    return this.#results.isFull
  }

  /**
   * A pair that comes.
   * @param own row of that input, and `other` of the other one; null where there is none.
   * @param place what a message names when the function throws.
   */
  insert(input: number, own: unknown, other: unknown, timestamp: number, place: FailedRecord): void {
    try {
      const value = input === 0 ? this.#combine(own, other) : this.#combine(other, own)
      this.#results.insert(value, timestamp)
    } catch (thrown) {
      this.#failures.threw(thrown, place)
    }
  }

  /** A pair that goes: the function, a pure one, makes of it once more what had come. */
  delete(input: number, own: unknown, other: unknown, timestamp: number, place: FailedRecord): void {
    try {
      const value = input === 0 ? this.#combine(own, other) : this.#combine(other, own)
      this.#results.delete(value, timestamp)
    } catch (thrown) {
      this.#failures.threw(thrown, place)
    }
  }

  /** A pair of a window, with the event time of windows' results: any earlier one would be late. */
  insertOfWindow(left: unknown, right: unknown, key: Key, { start, end }: PairWindow): void {
    try {
      this.#results.insert(this.#combine(left, right, { start, end }), end - 1)
    } catch (thrown) {
      this.#failures.threw(thrown, { key, window: { start } })
    }
  }

  /** The batch so far. @throws LF_USER_RESULT where the function returns promises. */
  take(): RecordBatch {
    const batch = this.#results.take()
    refusePromises(batch.values, this.#failures)
    return batch
  }
}

export interface PairWindow {
  readonly start: number
  readonly end: number
}
