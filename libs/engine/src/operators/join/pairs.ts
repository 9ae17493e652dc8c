import type { JoinKind, Key } from '@lightflus/api'
import type { RecordBatch } from '../../record.ts'
import { Results } from '../changelog/results.ts'
import { equalRows } from '../changelog/row-equality.ts'
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
    const value = this.#made(input, own, other, place)
    if (value !== nothing) this.#results.insert(value, timestamp)
  }

  /** A pair that goes: the function, a pure one, makes of it once more what had come. */
  delete(input: number, own: unknown, other: unknown, timestamp: number, place: FailedRecord): void {
    const value = this.#made(input, own, other, place)
    if (value !== nothing) this.#results.delete(value, timestamp)
  }

  /**
   * One row takes the place of another beside all of these. Pairs that stay as they are are not told; where several
   * change, all former ones go before the new ones come, since sinks may tell rows apart by what only moved.
   */
  replace(input: number, before: unknown, after: unknown, partners: readonly Partner[], place: FailedRecord): void {
    const former: unknown[] = []
    const now: unknown[] = []
    const timestamps: number[] = []
    for (const { row, timestamp } of partners) {
      const from = this.#made(input, before, row, place)
      const to = this.#made(input, after, row, place)
      if (equalRows(from, to)) continue
      former.push(from)
      now.push(to)
      timestamps.push(timestamp)
    }
    if (former.length === 1 && former[0] !== nothing && now[0] !== nothing)
      return this.#results.update(former[0], now[0], timestamps[0])
    former.forEach((value, i) => value !== nothing && this.#results.delete(value, timestamps[i]))
    now.forEach((value, i) => value !== nothing && this.#results.insert(value, timestamps[i]))
  }

  /** A pair of a window, with the event time of windows' results: any earlier one would be late. */
  insertOfWindow(left: unknown, right: unknown, key: Key, { start, end }: PairWindow): void {
    try {
      this.#results.insert(this.#combine(left, right, { start, end }), end - 1)
    } catch (thrown) {
      this.#failures.threw(thrown, { key, window: { start } })
    }
  }

  #made(input: number, own: unknown, other: unknown, place: FailedRecord): unknown {
    try {
      return input === 0 ? this.#combine(own, other) : this.#combine(other, own)
    } catch (thrown) {
      this.#failures.threw(thrown, place)
      return nothing
    }
  }

  /** The batch so far. @throws LF_USER_RESULT where the function returns promises. */
  take(): RecordBatch {
    const batch = this.#results.take()
    refusePromises(batch.values, this.#failures)
    return batch
  }
}

/** What stands beside a row, and the event time of the change. */
export interface Partner {
  readonly row: unknown
  readonly timestamp: number
}

/** What is made of a pair that is skipped. */
const nothing = Symbol('nothing')

export interface PairWindow {
  readonly start: number
  readonly end: number
}
